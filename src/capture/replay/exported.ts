/**
 * The format of `export`: JSON lines. The first is `{"livecue_export": 1, "session": {…}}`, each other line is an
 * event as services see it. A replay gives the same streaks and totals. Recordings use such lines for events that no
 * message of TikTok can represent; there a gift or a like has a streak frame instead of a streak.
 */
import { z } from "zod";
import {
  type EventDataByType,
  type EventType,
  eventTypes,
  isEventType,
  type LiveEvent,
  typeNamePattern,
} from "../../event.ts";
import { UserError } from "../../user_error.ts";
import type { CapturedEvent, StreakFrame } from "../../source.ts";
import { cleanName, cleanText } from "../../clean_text.ts";
import { t } from "../../language.ts";

/** Increase it when an older Livecue would misread a new file. */
const formatVersion = 1;

const maxTextLength = 500;
const maxIdLength = 64;
const maxStreakIdLength = 300;
const maxUrlLength = 2048;
const maxListLength = 100;
/** The latest time that a Date can hold. */
const maxTimeMs = 8.64e15;

/** The session of an export; times are Unix milliseconds. */
export interface ExportedSession {
  username: string;
  name: string | null;
  roomId: string;
  source: string;
  startedAt: number;
  endedAt: number | null;
}

/** The lines of an export, without line breaks. `events`: those of one session, in order of their ids. */
export function* exportLines(session: ExportedSession, events: Iterable<LiveEvent>): Generator<string> {
  const { username, name, roomId, source, startedAt, endedAt } = session;
  yield JSON.stringify({
    livecue_export: formatVersion,
    session: { username, name, roomId, source, startedAt, endedAt },
  });
  for (const event of events) {
    const { type, roomId, messageId, isHistory, isTest, createdAt, receivedAt, user, streak, data } = event;
    yield JSON.stringify({
      type,
      roomId,
      messageId,
      isHistory,
      isTest,
      createdAt,
      receivedAt,
      user,
      streak,
      data,
    });
  }
}

/** The header line of a recording with such events, without a line break. */
export function recordingHeader(session: { username: string; roomId: string }): string {
  return JSON.stringify({ livecue_export: formatVersion, session });
}

/** The line of a captured event in a recording, without a line break. */
export function recordedLine(event: CapturedEvent): string {
  return JSON.stringify(event);
}

// Text is cleaned when it is read, because a file may come from anywhere.
const text = z.string().transform((value) => cleanText(value, maxTextLength));
const name = z.string().transform(cleanName);
const id = z.string().transform((value) => cleanText(value, maxIdLength));
const url = z.string().max(maxUrlLength).regex(/^(?:https?:\/\/[\x21-\x7e]+)?$/, {
  error: () => t`expected a web address`,
});
const count = z.int().nonnegative();
const time = z.int().min(0).max(maxTimeMs);
const nothing = z.object({}).transform((): Record<string, never> => ({}));

const gift = z.object({ id: count, name, diamondCount: count, isStreakable: z.boolean(), imageUrl: url });

const receiver = z.object({ id, uniqueId: name, nickname: name });
const emote = z.object({ id, imageUrl: url, at: count });
const payment = { amount: count, currency: id, provider: id };

const dataSchemas: { [Type in EventType]: z.ZodType<EventDataByType[Type]> } = {
  GiftEvent: z.object({ gift, repeatCount: count, receiver: receiver.nullable().default(null) }),
  SubscribeEvent: z.object({
    months: count,
    isGifted: z.boolean(),
    count: count.default(1),
    isSuperFan: z.boolean().default(false),
  }),
  FollowEvent: z.object({ followerCount: count }),
  ShareEvent: z.object({ shareCount: count }),
  CommentEvent: z.object({
    comment: text,
    language: id,
    emotes: z.array(emote).max(maxListLength).default([]),
  }),
  LikeEvent: z.object({ total: count }),
  JoinEvent: z.object({ memberCount: count }),
  DonationEvent: z.object({ ...payment, message: text, isPublic: z.boolean() }),
  MembershipEvent: z.object({
    ...payment,
    tier: name,
    months: count,
    action: z.enum(["started", "renewed", "changed", "ended"]),
  }),
  OrderEvent: z.object({
    ...payment,
    items: z.array(z.object({ name, count })).max(maxListLength),
    message: text,
  }),
  ViewerCountEvent: z.object({ viewerCount: count, totalUserCount: count }),
  EmoteEvent: z.object({ emotes: z.array(z.object({ id, imageUrl: url })).max(maxListLength) }),
  QuestionEvent: z.object({ question: text }),
  TreasureBoxEvent: z.object({ diamondCount: count, recipientCount: count }),
  GoalEvent: z.object({ title: text, current: count, target: count }),
  BarrageEvent: z.object({ text }),
  CaptionEvent: z.object({ text }),
  IntroEvent: z.object({ text }),
  NoticeEvent: z.object({ text }),
  PinEvent: z.object({ method: text, text }),
  RankEvent: z.object({ text }),
  PollEvent: z.object({ title: text, options: z.array(z.object({ text, votes: count })).max(maxListLength) }),
  BattleEvent: z.object({ battleId: id, status: count }),
  StreamPauseEvent: nothing,
  StreamResumeEvent: nothing,
  StreamEndEvent: z.object({ reason: text }),
  UnknownEvent: z.object({ method: text }),
};

const headerSchema = z.object({
  livecue_export: z.int().positive(),
  session: z.object({ username: name, roomId: id }),
});

/** The streak of a stored event. */
const streakSchema = z.object({
  id: z.string().min(1).max(maxStreakIdLength).transform((value) => cleanText(value, maxStreakIdLength)),
  delta: count,
  hasEnded: z.boolean(),
});

/** The streak frame of a captured event. */
const frameSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("gift"), groupId: id.nullable(), count, isEnd: z.boolean() }),
  z.object({ kind: z.literal("like"), count }),
]);

type ReadStreak = z.output<typeof streakSchema>;

const eventSchema = z.object({
  type: z.enum(eventTypes as [EventType, ...EventType[]]),
  roomId: id,
  messageId: id.nullable(),
  isHistory: z.boolean().optional(),
  isTest: z.boolean().optional(),
  createdAt: time.nullable(),
  user: z.object({
    id,
    uniqueId: name,
    nickname: name,
    avatarUrl: url,
    roles: z.array(z.enum(["moderator", "subscriber", "follower"])).max(3),
  }),
  streak: z.unknown(),
  data: z.unknown(),
});

/** The type of an event that a service emitted; null if the line is not such an event. */
export function emittedTypeOf(line: object): string | null {
  const { type } = line as { type?: unknown };
  return typeof type === "string" && typeNamePattern.test(type) && !isEventType(type) ? type : null;
}

/** The content of a line, or a clause that says what is wrong with it. */
export type Parsed<Value> = { value: Value } | { problem: string };

/** Throws a `UserError` if a newer Livecue wrote the file. */
export function parseHeader(line: object): Parsed<{ username: string; roomId: string }> {
  const header = headerSchema.safeParse(line);
  if (!header.success) return { problem: describe(header.error) };
  const { livecue_export: version, session } = header.data;
  if (version > formatVersion) {
    throw new UserError(
      t`This export has format ${version}, which a newer Livecue wrote; this Livecue reads format ${formatVersion}. Update Livecue to replay it.`,
    );
  }
  return { value: session };
}

/** Reads the events of one export, in order. */
export class ExportedEvents {
  /** The count of each gift's streak so far. Recomputed, because a streak may have started in an earlier session. */
  readonly #counts = new Map<string, number>();

  parse(line: object): Parsed<CapturedEvent> {
    const event = eventSchema.safeParse(line);
    if (!event.success) return { problem: describe(event.error) };
    const { type, streak: said, isTest, ...rest } = event.data;
    const data = dataSchemas[type].safeParse(rest.data);
    if (!data.success) return { problem: describe(data.error, "data") };
    // The compiler cannot see that the schemas match `type`.
    const captured = {
      ...rest,
      ...(isTest && { isTest }),
      type,
      data: data.data,
      streak: null,
    } as CapturedEvent;
    const streak = this.#frame(captured, said ?? null);
    return "problem" in streak ? streak : { value: { ...captured, streak: streak.value } as CapturedEvent };
  }

  #frame(event: CapturedEvent, said: unknown): Parsed<StreakFrame | null> {
    const kind = event.type === "GiftEvent" ? "gift" : event.type === "LikeEvent" ? "like" : null;
    if (said === null || kind === null) {
      if ((said === null) === (kind === null)) return { value: null };
      return { problem: said === null ? t`streak is missing` : t`a ${event.type} has no streak` };
    }
    if (typeof said === "object" && "kind" in said) {
      const frame = frameSchema.safeParse(said);
      if (!frame.success) return { problem: describe(frame.error, "streak") };
      return frame.data.kind === kind ? { value: frame.data } : { problem: t`streak.kind: expected ${kind}` };
    }
    const streak = streakSchema.safeParse(said);
    return streak.success
      ? { value: this.#frameOf(event, streak.data) }
      : { problem: describe(streak.error, "streak") };
  }

  #frameOf(event: CapturedEvent, streak: ReadStreak): StreakFrame {
    if (event.type !== "GiftEvent") return { kind: "like", count: streak.delta };
    const { gift, receiver } = event.data;
    if (!gift.isStreakable) return { kind: "gift", groupId: null, count: streak.delta, isEnd: true };
    const total = (this.#counts.get(streak.id) ?? 0) + streak.delta;
    this.#counts.set(streak.id, total);
    // Removes the prefix that `Streaks` adds, so that the id stays the same.
    const owner = `${event.roomId}:${event.user.id}:${gift.id}`;
    const prefixes = receiver === null
      ? [`${owner}:`]
      : [`${owner}>${receiver.id || receiver.nickname}:`, `${owner}:`];
    const prefix = prefixes.find((each) => streak.id.startsWith(each)) ?? "";
    return { kind: "gift", groupId: streak.id.slice(prefix.length), count: total, isEnd: streak.hasEnded };
  }
}

function describe(error: z.ZodError, within?: string): string {
  const issue = error.issues[0];
  const path = [...(within ? [within] : []), ...(issue?.path ?? [])].join(".");
  return `${path || t`the line`}: ${issue?.message ?? t`not as expected`}`;
}
