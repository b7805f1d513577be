import assert from "node:assert/strict";
import fc from "fast-check";
import { ExportedEvents, exportLines, parseHeader } from "../../../src/capture/replay/exported.ts";
import { createReplaySource } from "../../../src/capture/replay/replay.ts";
import type { CapturedEvent, SourceItem, StreakFrame } from "../../../src/source.ts";
import { ClosedStreaks, Streaks } from "../../../src/lives/streaks.ts";
import { type LiveEvent, nobody } from "../../../src/event.ts";
import { UserError } from "../../../src/user_error.ts";
import { paymentEvents, sampleEvents, storedAs } from "../../support/captured_events.ts";
import { collect, only } from "../../support/collect.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { tally } from "../../support/tally.ts";

const session = { username: "ana", name: null, roomId: "700", source: "tiktok", startedAt: 1, endedAt: null };

async function replayLines(lines: Iterable<string>): Promise<SourceItem[]> {
  const path = await Deno.makeTempFile();
  const clock = new FakeClock();
  try {
    await Deno.writeTextFile(path, [...lines].join("\n"));
    const source = createReplaySource({ path, speed: "max", keepGaps: false, clock });
    return await collect(source.open(new AbortController().signal), clock);
  } finally {
    await Deno.remove(path);
  }
}

/** Stores captured events as the pipeline does, with the streaks that idle out or are left open ended at their last. */
function store(captured: CapturedEvent[], streaks = new Streaks()): LiveEvent[] {
  const events: LiveEvent[] = [];
  const end = (id: number) => {
    const streak = events.find((event) => event.id === id)?.streak;
    if (streak) streak.hasEnded = true;
  };
  captured.forEach((event, index) => {
    const at = event.createdAt ?? 0;
    for (const { lastEventId } of streaks.advance(at)) end(lastEventId);
    const { streak } = streaks.count(event, at, index + 1);
    events.push(
      {
        ...event,
        id: index + 1,
        sessionId: 1,
        isHistory: false,
        receivedAt: at,
        isFirstOfUser: false,
        streak,
      } as LiveEvent,
    );
  });
  for (const { lastEventId } of streaks.closeAll()) end(lastEventId);
  return events;
}

function gift(frame: StreakFrame, createdAt: number): CapturedEvent {
  const isStreakable = frame.kind === "gift" && frame.groupId !== null;
  return {
    type: "GiftEvent",
    roomId: "700",
    messageId: null,
    createdAt,
    user: { ...nobody, id: "42" },
    data: {
      gift: { id: 5655, name: "Rose", diamondCount: 3, isStreakable, imageUrl: "" },
      repeatCount: frame.count,
      receiver: null,
    },
    streak: frame,
  };
}

Deno.test("An export is replayed as the session that it was", async () => {
  const events = [
    makeEvent({ isHistory: true }),
    makeEvent<"ViewerCountEvent">({
      id: 2,
      type: "ViewerCountEvent",
      user: { ...nobody, roles: [] },
      messageId: null,
      data: { viewerCount: 5, totalUserCount: 9 },
    }),
  ];
  const items = await replayLines(exportLines(session, events));
  assert.deepEqual(only(items, "session"), [{ kind: "session", username: "ana", roomId: "700" }]);
  const { roomId, messageId, createdAt, user, type, data } = events[0] as LiveEvent;
  assert.deepEqual(only(items, "event")[0], {
    kind: "event",
    event: {
      roomId,
      messageId,
      createdAt,
      user,
      type,
      data,
      isForeign: false,
      isHistory: true,
      streak: null,
    },
    raw: null,
  });
  assert.deepEqual(only(items, "event")[1]?.event.data, { viewerCount: 5, totalUserCount: 9 });
  assert.deepEqual(only(items, "notice"), []);
});

Deno.test("An export keeps guests, emotes, Super Fans, payments and what was a test", async () => {
  const events = [...sampleEvents("700"), ...paymentEvents("700")]
    .filter(({ streak }) => streak === null)
    .map((event, index) => ({ ...storedAs(event), id: index + 1, isTest: index % 2 === 1 } as LiveEvent));
  const replayed = only(await replayLines(exportLines(session, events)), "event").map(({ event }) => event);
  assert.deepEqual(
    replayed.map(({ type, data, isTest = false }) => ({ type, data, isTest })),
    events.map(({ type, data, isTest }) => ({ type, data, isTest })),
  );
  const receiver = { id: "77", uniqueId: "gil", nickname: "Guest Gil" };
  const toGuest = makeGift();
  assert.ok(toGuest.type === "GiftEvent");
  toGuest.data.receiver = receiver;
  const [gift] = only(await replayLines(exportLines(session, [toGuest])), "event");
  assert.deepEqual(gift?.event.type === "GiftEvent" && gift.event.data.receiver, receiver);
});

Deno.test("An export of an earlier Livecue is read: its gifts are the host's, its comments without emotes", async () => {
  const lines = [...exportLines(session, [
    makeGift(),
    makeEvent(),
    makeEvent({ type: "SubscribeEvent", data: { months: 2, isGifted: false, count: 1, isSuperFan: false } }),
  ])].map((line) => JSON.parse(line));
  for (const line of lines) delete line.isTest;
  delete lines[1].data.receiver;
  delete lines[2].data.emotes;
  for (const key of ["count", "isSuperFan"]) delete lines[3].data[key];
  const items = await replayLines(lines.map((line) => JSON.stringify(line)));
  assert.deepEqual(only(items, "notice"), []);
  const [gift, comment, subscription] = only(items, "event").map(({ event }) => event);
  assert.ok(gift?.type === "GiftEvent" && gift.data.receiver === null && gift.isTest === undefined);
  assert.ok(comment?.type === "CommentEvent" && comment.data.emotes.length === 0);
  assert.deepEqual(subscription?.data, { months: 2, isGifted: false, count: 1, isSuperFan: false });
});

Deno.test("What services made is left out of a replay, since they make it anew, and told once a type", async () => {
  const emitted = (type: string, id: number) =>
    ({ ...makeEvent({ id }), type, data: { prize: "hat" } }) as unknown as LiveEvent;
  const events = [
    emitted("SpinEvent", 1),
    emitted("SpinEvent", 2),
    makeEvent({ id: 3 }),
    emitted("WinEvent", 4),
  ];
  const items = await replayLines(exportLines(session, events));
  assert.deepEqual(only(items, "event").map(({ event }) => event.type), ["CommentEvent"]);
  const told = only(items, "notice").map(({ text }) =>
    /^Line (\d+) .*services emit (\w+)s/.exec(text)?.slice(1)
  );
  assert.deepEqual(told, [["2", "SpinEvent"], ["5", "WinEvent"]]);
});

Deno.test("A line whose frame is of another kind than its event is named", async () => {
  const line = JSON.parse([...exportLines(session, [makeGift()])][1] as string);
  for (
    const streak of [
      { kind: "like", count: 3 },
      { kind: "gift", groupId: 7, count: 3, isEnd: true },
      { kind: "gift", groupId: null, count: -3, isEnd: true },
    ]
  ) {
    const [notice] = only(
      await replayLines([JSON.stringify(makeEvent()), JSON.stringify({ ...line, streak })]),
      "notice",
    );
    assert.match(notice?.text ?? "", /^Line 2 .*streak\./);
  }
});

Deno.test("An export is replayed to the same streaks and sums, whatever the frames were", async () => {
  const frame = fc.record({
    kind: fc.constant("gift" as const),
    groupId: fc.constantFrom("1", "2", "0", "", null),
    count: fc.integer({ min: 1, max: 9 }),
    isEnd: fc.boolean(),
  });
  const steps = fc.array(fc.tuple(frame, fc.constantFrom(100, 4_000, 11_000)), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      let at = 1_700_000_000_000;
      // A streak of an earlier session goes on in this one.
      const closed = new ClosedStreaks();
      closed.remember("700:42:5655:2", 4);
      const streaks = new Streaks(closed);
      const events = store(given.map(([frame, gapMs]) => gift(frame, at += gapMs)), streaks);
      const sum = events.reduce((total, { streak }) => total + (streak?.delta ?? 0), 0);
      const ids = new Set(events.map(({ streak }) => streak?.id).filter((id) => !id?.includes(":single:")));

      const sums = tally(await replayLines(exportLines(session, events)));
      assert.equal(sums.gifts, sum);
      assert.equal(sums.diamonds, sum * 3);
      const replayedIds = [...sums.streaks.keys()].filter((id) => !id.includes(":single:"));
      assert.deepEqual(new Set(replayedIds), ids);
    }),
    { numRuns: 60 },
  );
});

Deno.test("An export's likes add up again", async () => {
  const like = (delta: number, id: number) =>
    makeEvent<"LikeEvent">({
      type: "LikeEvent",
      id,
      messageId: String(id),
      data: { total: 100 },
      streak: { id: "700:42:likes:1", count: 20, delta, hasEnded: false },
    });
  assert.equal(tally(await replayLines(exportLines(session, [like(15, 1), like(5, 2)]))).likes, 20);
});

Deno.test("A hostile export is cleaned on its way in, and damaged lines are named", async () => {
  const good = makeEvent<"CommentEvent">({
    data: { comment: "\x1b[31mred\u202E", language: "en", emotes: [] },
  });
  const lines = [...exportLines({ ...session, username: "\x1b]0;x\x07ana" }, [good, makeGift()])];
  const broken = JSON.parse(lines[2] as string);
  const items = await replayLines([
    ...lines,
    JSON.stringify({ ...broken, data: { ...broken.data, gift: { ...broken.data.gift, name: 5 } } }),
    JSON.stringify({ ...broken, streak: { ...broken.streak, delta: -5 } }),
    JSON.stringify({ ...broken, streak: null }),
    JSON.stringify({ ...broken, type: "PartyEvent" }),
    JSON.stringify({ ...broken, createdAt: 1e300 }),
  ]);
  assert.equal(only(items, "session")[0]?.username, "ana");
  assert.equal(only(items, "event").length, 2);
  const [comment] = only(items, "event");
  assert.deepEqual(comment?.event.data, { comment: "red", language: "en", emotes: [] });
  const texts = only(items, "notice").map(({ text }) => text);
  assert.equal(texts.length, 5);
  assert.match(texts[0] ?? "", /^Line 4 of .* was skipped: data\.gift\.name: .*expected string/);
  assert.match(texts[1] ?? "", /streak\.delta/);
  assert.match(texts[2] ?? "", /streak is missing/);
  assert.match(texts[3] ?? "", /type/);
  assert.match(texts[4] ?? "", /createdAt/);
});

Deno.test("An export without its first line is replayed all the same", async () => {
  const [, ...events] = exportLines(session, [makeEvent()]);
  assert.deepEqual(only(await replayLines(events), "session"), [{
    kind: "session",
    username: "",
    roomId: "700",
  }]);
});

Deno.test("An export of a newer format is refused, with what to do", () => {
  assert.throws(
    () => parseHeader({ livecue_export: 2, session: { username: "ana", roomId: "700" } }),
    (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /newer Livecue.*Update/);
      return true;
    },
  );
});

Deno.test("ExportedEvents reads any JSON object without throwing", () => {
  const base = JSON.parse([...exportLines(session, [makeGift()])][1] as string);
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(base)), fc.jsonValue()), (damage) => {
      new ExportedEvents().parse({ ...base, ...damage });
    }),
  );
});
