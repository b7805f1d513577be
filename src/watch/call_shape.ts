/** Checks calls, which anybody with a right to call may have written by hand. */
import { z } from "zod";
import type { Query } from "../control.ts";
import { eventTypes, userRoles } from "../event.ts";
import { giftOrders } from "../gift.ts";
import { maxNoteLength } from "../viewer.ts";
import type { Call } from "./messages.ts";

const maxTextLength = 1_000;
const maxLines = 1_000;

const text = z.string().max(maxTextLength);
const id = z.int().min(0);
const ids = z.array(id).max(maxLines);
const limit = z.int().min(0).max(maxLines);
const flag = z.boolean();

const shown = {
  session: id.nullable(),
  source: text.nullable(),
  types: z.object({ types: z.array(text).max(200), isAllBut: flag }).nullable(),
  text,
};
const ended = z.enum(["failed", "discarded"]);

const query = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("events"), ...shown, before: id.nullable(), after: id.nullable(), limit }),
  z.object({ kind: z.literal("event_place"), ...shown, firstId: id, id }),
  z.object({ kind: z.literal("event_search"), ...shown, wanted: text, from: id, isForward: flag }),
  z.object({ kind: z.literal("event_time"), ...shown, typed: text }),
  z.object({ kind: z.literal("event"), id }),
  z.object({
    kind: z.literal("gifts"),
    text,
    order: z.enum(giftOrders).nullable(),
    isAll: flag,
    session: id.nullable(),
    first: id,
    limit,
  }),
  z.object({ kind: z.literal("sessions"), first: id, limit }),
  z.object({ kind: z.literal("session_sums"), ids }),
  z.object({ kind: z.literal("session_work"), id }),
  z.object({ kind: z.literal("items"), slug: text, status: ended }),
  z.object({ kind: z.literal("service"), slug: text }),
  z.object({ kind: z.literal("viewer"), eventId: id }),
  z.object({ kind: z.literal("channels"), text, first: id, limit }),
  z.object({
    kind: z.literal("channel"),
    source: text,
    item: text,
    span: z.enum(["hour", "day", "week"]),
    points: z.int().min(1).max(maxLines),
  }),
]) satisfies z.ZodType<Query>;

const asked = z.object({ count: id, upToId: id });
const amount = z.number().min(0).max(1e12);
const testEvent = z.object({
  type: z.enum(eventTypes as [typeof eventTypes[number]]),
  source: text.nullable(),
  amount,
  text,
  gift: z.object({ name: text, diamonds: amount.nullable(), id: id.optional() }),
  user: z.object({ name: text, roles: z.array(z.enum(userRoles)).max(userRoles.length) }),
});
const mark = z.object({
  platform: text,
  userId: text,
  note: z.string().max(maxNoteLength).nullable().optional(),
  isBlocked: flag.optional(),
});
const deed = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["pause", "step", "faster", "slower"]) }),
  z.object({ kind: z.literal("jump"), ms: z.number(), isRelative: flag }),
]);

const action = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["pause", "resume"]), slug: text.nullable() }),
  z.object({ kind: z.literal("restart"), slug: text }),
  z.object({
    kind: z.literal("press"),
    slug: text,
    pane: text,
    key: z.object({ key: text, does: text }),
  }),
  z.object({ kind: z.literal("empty"), slug: text, asked }),
  z.object({ kind: z.literal("retry"), slug: text, status: ended, asked }),
  z.object({ kind: z.literal("retry_items"), itemIds: ids }),
  z.object({ kind: z.literal("send_test_event"), event: testEvent }),
  z.object({ kind: z.literal("switch_user"), source: text.nullable(), username: text }),
  z.object({ kind: z.literal("forget_user"), username: text }),
  z.object({ kind: z.literal("mark_viewer"), mark }),
  z.object({ kind: z.literal("play"), source: text, deed }),
  z.object({ kind: z.enum(["start_demo", "open_desk", "quit"]) }),
]);

const number = z.int().min(1);

const call = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("open"), protocol: z.int(), streamer: text, isReadOnly: flag }),
  z.object({ kind: z.literal("here") }),
  z.object({ kind: z.literal("ask"), number, query }),
  z.object({ kind: z.literal("act"), number, action }),
  z.object({ kind: z.literal("close") }),
]);

/** Of a call of any version. */
const anyOpen = z.object({ kind: z.literal("open"), protocol: z.int() });

/** null: it is no call. `otherProtocol`: it opens a room for a watcher of another version. */
export function callIn(body: string): Call | { kind: "other_version"; protocol: number } | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  const known = call.safeParse(value);
  // The shapes hold all kinds of `Query` and `Action`; only the compiler cannot see which fields belong together.
  if (known.success) return known.data as Call;
  const open = anyOpen.safeParse(value);
  return open.success ? { kind: "other_version", protocol: open.data.protocol } : null;
}
