/** The recordings in test/data, against the sums that their maker decided on. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Recorder } from "../../../src/capture/replay/recorder.ts";
import { createReplaySource } from "../../../src/capture/replay/replay.ts";
import { Streaks } from "../../../src/lives/streaks.ts";
import type { SourceItem } from "../../../src/source.ts";
import { collect, only } from "../../support/collect.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { tally } from "../../support/tally.ts";

const data = new URL("../../data/", import.meta.url);
const recording = (name: string) => fileURLToPath(new URL(`${name}.jsonl`, data));

async function replay(path: string, speed: number | "max" = "max"): Promise<SourceItem[]> {
  const clock = new FakeClock();
  const source = createReplaySource({ path, speed, keepGaps: false, clock });
  return await collect(source.open(new AbortController().signal), clock);
}

/** Lines that were told of one by one, and those that were counted. */
function skippedLines(items: SourceItem[]): number {
  const texts = only(items, "notice").map(({ text }) => text);
  const further = texts.map((text) => Number(/^(\d+) more lines/.exec(text)?.[1] ?? 0));
  return texts.filter((text) => / was skipped: /.test(text)).length + further.reduce((a, b) => a + b, 0);
}

function sumsOf(items: SourceItem[]) {
  const sums = tally(items);
  const { byType } = sums;
  return {
    unique_messages: sums.unique,
    repeated_messages: sums.repeated,
    corrupt_messages: sums.corrupt,
    skipped_lines: skippedLines(items),
    comments: byType.CommentEvent ?? 0,
    follows: byType.FollowEvent ?? 0,
    shares: byType.ShareEvent ?? 0,
    joins: byType.JoinEvent ?? 0,
    subscribes: byType.SubscribeEvent ?? 0,
    like_messages: byType.LikeEvent ?? 0,
    likes: sums.likes,
    gift_messages: byType.GiftEvent ?? 0,
    gifts: sums.gifts,
    diamonds: sums.diamonds,
    gift_streaks: [...sums.streaks.keys()].filter((id) => !/:(single|likes):/.test(id)).length,
  };
}

for (const name of ["calm", "hostile", "together"]) {
  Deno.test(`A replay of the ${name} recording gives the sums that it was made with`, async () => {
    const { lines: _, whose: _whose, ...expected } = JSON.parse(
      await Deno.readTextFile(new URL(`${name}.expected.json`, data)),
    );
    assert.deepEqual(sumsOf(await replay(recording(name))), expected);
  });
}

/** Whose the gifts are and what the subscriptions are, each message once. */
function whoseOf(items: SourceItem[]) {
  const roomId = only(items, "session")[0]?.roomId;
  const seen = new Set<string>();
  const events = only(items, "event").map(({ event }) => event).filter(({ roomId, messageId }) => {
    const key = `${roomId} ${messageId}`;
    return !seen.has(key) && seen.add(key);
  });
  const streaks = new Streaks();
  const given = events.flatMap((event, index) =>
    event.type === "GiftEvent"
      ? [{ ...event.data, delta: streaks.count(event, event.createdAt ?? 0, index + 1).streak?.delta ?? 0 }]
      : []
  );
  const [host, guest] = [given.filter(({ receiver }) => !receiver), given.filter(({ receiver }) => receiver)];
  const gifts = (of: typeof given) => of.reduce((sum, { delta }) => sum + delta, 0);
  const diamonds = (of: typeof given) =>
    of.reduce((sum, { delta, gift }) => sum + delta * gift.diamondCount, 0);
  const subscriptions = events.flatMap((event) => event.type === "SubscribeEvent" ? [event.data] : []);
  return {
    host_gifts: gifts(host),
    host_diamonds: diamonds(host),
    guest_gifts: gifts(guest),
    guest_diamonds: diamonds(guest),
    subscriptions: subscriptions.reduce((sum, { count }) => sum + count, 0),
    super_fans: subscriptions.filter(({ isSuperFan, isGifted }) => isSuperFan && !isGifted).length,
    emotes: events.reduce(
      (sum, { type, data }) => sum + (type === "CommentEvent" ? data.emotes.length : 0),
      0,
    ),
    foreign_messages: events.filter((event) => event.roomId !== roomId).length,
  };
}

Deno.test("A replay tells host from guest, Super Fans from visitors and rooms apart, in whatever form they come", async () => {
  const { whose } = JSON.parse(await Deno.readTextFile(new URL("together.expected.json", data)));
  const items = await replay(recording("together"));
  assert.deepEqual(whoseOf(items), whose);
  // Recorded as events, as another source would bring them, they come to the same.
  const path = await Deno.makeTempFile();
  const recorder = new Recorder(path);
  await recorder.start();
  for (const { event } of only(items, "event")) recorder.record({ event, raw: null, streamer: "two_doors" });
  await recorder.stop();
  assert.deepEqual(whoseOf(await replay(path)), whose);
  await Deno.remove(path);
});

Deno.test("A replay of the calm recording gives the same sums at any pace", async () => {
  const { lines: _, ...expected } = JSON.parse(await Deno.readTextFile(new URL("calm.expected.json", data)));
  const items = await replay(recording("calm"), 100);
  assert.deepEqual(sumsOf(items), expected);
  assert.equal(only(items, "notice").length, 1, "the silence before the last comment is shortened");
});

Deno.test("A recording of a replay of the hostile recording gives the same sums again", async () => {
  const path = await Deno.makeTempFile();
  try {
    const items = await replay(recording("hostile"));
    const recorder = new Recorder(path);
    await recorder.start();
    for (const { raw } of only(items, "event")) if (raw) recorder.write(raw);
    await recorder.stop();
    const { corrupt_messages: _corrupt, skipped_lines: _skipped, ...sums } = sumsOf(items);
    const { corrupt_messages, skipped_lines, ...again } = sumsOf(await replay(path));
    assert.deepEqual(again, sums);
    assert.deepEqual([corrupt_messages, skipped_lines], [0, 0]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("Nothing of the hostile recording's text can steer a terminal, turn writing round or hide", async () => {
  const forbidden = /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\u200B\u2060\uFEFF\u3164]|[\p{Mn}\p{Me}]{9}/v;
  const check = (value: unknown): void => {
    if (typeof value === "string") assert.doesNotMatch(value, forbidden);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(check);
  };
  const items = await replay(recording("hostile"));
  for (const { event } of only(items, "event")) check(event);
  for (const { method } of only(items, "corrupt")) check(method);
  for (const session of only(items, "session")) check(session);
});
