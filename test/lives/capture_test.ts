import assert from "node:assert/strict";
import { Capture } from "../../src/lives/capture.ts";
import { KnownIds } from "../../src/lives/known_ids.ts";
import { Lives } from "../../src/lives/lives.ts";
import { Pipeline } from "../../src/lives/pipeline.ts";
import type { CapturedEvent, SourceTraits } from "../../src/source.ts";
import { type LiveEvent, nobody } from "../../src/event.ts";
import { EventDispatcher } from "../../src/lives/dispatcher.ts";
import type { Subscription } from "../../src/subscription.ts";
import { ServiceQueue } from "../../src/queue/service_queue.ts";
import type { Operation } from "../../src/operation.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { idsFrom } from "../support/ids.ts";
import { newViewers, noLives } from "../support/no_lives.ts";
import { silentLog } from "../support/silent_log.ts";
import { roomTraits } from "../support/sources.ts";

const start = 1_700_000_000_000;
const always: Subscription = {
  isEnabled: true,
  priority: 5,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
};

/** A source's capture into a list of operations, with one service that takes each gift and one that takes final ones. */
function makeCapture(traits: Partial<SourceTraits> = {}, name = "tiktok") {
  const clock = new FakeClock(start);
  const operations: Operation[] = [];
  const ids = idsFrom();
  const dispatcher = new EventDispatcher(ids);
  const rules = {
    maxQueueSize: 100,
    maxConcurrency: 1,
    prefetch: 1,
    maxAttempts: 1,
    maxCrashes: 1,
    backoffMs: 1,
  };
  dispatcher.subscribers = [
    {
      serviceId: 1,
      queue: new ServiceQueue(rules),
      subscriptions: { GiftEvent: always, CommentEvent: always, LikeEvent: always },
    },
    {
      serviceId: 2,
      queue: new ServiceQueue(rules),
      subscriptions: { GiftEvent: { ...always, streaks: "final" } },
    },
  ];
  const log = silentLog();
  const written = {
    add: (operation: Operation) => void operations.push(operation),
    together: (work: () => void) => work(),
    flush: () => Promise.resolve(),
  };
  const knownIds = new KnownIds({
    clock,
    operations: written,
    streamer: "",
    store: { knownIdAt: () => null },
  });
  const lives = new Lives({ store: noLives, operations: written, clock, ids, streamer: "" });
  const viewers = newViewers();
  const pipeline = new Pipeline({ ids, log, clock, operations: written, dispatcher, viewers });
  let nextSessionId = 1;
  const captureFor = (name: string, traits: Partial<SourceTraits> = {}) =>
    new Capture({
      name,
      traits: { ...roomTraits, ...traits },
      sessionName: null,
      log,
      clock,
      operations: written,
      knownIds,
      lives,
      pipeline,
      takeSessionId: () => nextSessionId++,
    });
  const capture = captureFor(name, traits);
  const totals = () => lives.ofSource(name)?.totals();
  return { capture, captureFor, operations, clock, log, lives, totals };
}

let lastMessageId = 0;

function comment(given: Partial<CapturedEvent> = {}): CapturedEvent {
  return {
    type: "CommentEvent",
    data: { comment: "hi", language: "en", emotes: [] },
    roomId: "700",
    messageId: String(++lastMessageId),
    createdAt: start,
    user: { ...nobody, id: "42", uniqueId: "ana", nickname: "Ana" },
    streak: null,
    ...given,
  } as CapturedEvent;
}

/** A frame of a streak of roses. */
function rose(
  count: number,
  given: { isEnd?: boolean; groupId?: string | null } & Partial<CapturedEvent> = {},
) {
  const { isEnd = false, groupId = "9", ...rest } = given;
  return comment({
    type: "GiftEvent",
    data: {
      gift: { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" },
      repeatCount: count,
      receiver: null,
    },
    streak: { kind: "gift", groupId, count, isEnd },
    ...rest,
  } as Partial<CapturedEvent>);
}

function accept(capture: Capture, ...events: CapturedEvent[]) {
  for (const event of events) capture.accept({ kind: "event", event, raw: null });
}

function enter(capture: Capture, roomId = "700", username = "host") {
  capture.accept({ kind: "session", username, roomId });
}

function ofKind<Kind extends Operation["kind"]>(operations: Operation[], kind: Kind) {
  return operations.filter((operation): operation is Operation & { kind: Kind } => operation.kind === kind);
}

function stored(operations: Operation[]): LiveEvent[] {
  return ofKind(operations, "insert_event").map(({ event }) => event);
}

/** How many gifts each item of a service stands for. */
function counts(operations: Operation[], serviceId: number): number[] {
  return ofKind(operations, "insert_item").filter(({ row }) => row.serviceId === serviceId)
    .map(({ row }) => row.count);
}

/** The events that each service was given, by their ids. */
function queued(operations: Operation[], serviceId: number): number[] {
  return ofKind(operations, "insert_item").filter(({ row }) => row.serviceId === serviceId)
    .map(({ row }) => row.liveEventId);
}

Deno.test("A message that comes twice is stored once, one without an id each time", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  const twice = comment();
  accept(capture, twice, twice, comment({ messageId: null }), comment({ messageId: null }));
  assert.equal(stored(operations).length, 3);
  assert.equal(capture.counts.repeated, 1);
});

Deno.test("A reconnect to the same room goes on in the same session, another room opens another", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  accept(capture, comment());
  enter(capture);
  accept(capture, comment());
  enter(capture, "701");
  accept(capture, comment({ roomId: "701" }));
  assert.deepEqual(stored(operations).map((event) => event.sessionId), [1, 1, 2]);
  const closings = ofKind(operations, "close_session");
  assert.deepEqual(closings.map(({ id, status }) => [id, status]), [[1, "completed"]]);
  assert.match(closings[0]?.reason ?? "", /another live/);
});

Deno.test("A time in fractions of a millisecond is stored in whole ones: the database takes no other", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  accept(capture, comment({ createdAt: start + 0.4871 }));
  assert.deepEqual(stored(operations).map(({ createdAt }) => createdAt), [start]);
});

Deno.test("What was made over ten seconds before the first connect is stored but not queued", () => {
  const { capture, operations, clock } = makeCapture();
  enter(capture);
  accept(capture, comment({ createdAt: start - 10_001 }), comment({ createdAt: start - 10_000 }));
  assert.deepEqual(stored(operations).map(({ isHistory }) => isHistory), [true, false]);
  assert.deepEqual(queued(operations, 1), [2]);

  clock.advance(60_000);
  enter(capture);
  accept(capture, comment({ createdAt: start + 20_000 }));
  assert.deepEqual(queued(operations, 1), [2, 3], "what came while it was reconnecting is acted on");
});

Deno.test("Each of a streak is queued where it adds something, the final once when the end frame comes", () => {
  const { capture, operations, totals } = makeCapture();
  enter(capture);
  accept(capture, rose(1), rose(5), rose(3), rose(5, { isEnd: true }));
  assert.deepEqual(stored(operations).map(({ streak }) => [streak?.count, streak?.delta, streak?.hasEnded]), [
    [1, 1, false],
    [5, 4, false],
    [5, 0, false],
    [5, 0, true],
  ]);
  assert.deepEqual(queued(operations, 1), [1, 2]);
  assert.deepEqual(queued(operations, 2), [4]);
  assert.deepEqual([counts(operations, 1), counts(operations, 2)], [[1, 4], [5]]);
  assert.equal(totals()?.diamonds, 5);
});

Deno.test("A streak whose end never comes is closed when it has idled, at its last stored event", () => {
  const { capture, operations, clock } = makeCapture();
  enter(capture);
  accept(capture, rose(1), rose(3));
  clock.advance(9_000);
  capture.advance();
  assert.deepEqual(queued(operations, 2), []);
  clock.advance(2_000);
  capture.advance();
  assert.deepEqual(queued(operations, 2), [2]);
  assert.deepEqual(counts(operations, 2), [3]);
  assert.deepEqual(ofKind(operations, "end_streak").map(({ eventId }) => eventId), [2]);
});

Deno.test("A straggler from before the start does not keep a streak that is acted on from its end", () => {
  const { capture, operations, clock } = makeCapture();
  enter(capture);
  accept(capture, rose(8), rose(5, { createdAt: start - 11_000 }));
  clock.advance(10_000);
  capture.advance();
  assert.deepEqual(queued(operations, 2), [1]);
});

Deno.test("A late frame of a closed streak that adds something is queued for both", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  accept(capture, rose(2, { isEnd: true }), rose(2, { isEnd: true }), rose(3));
  assert.deepEqual(queued(operations, 1), [1, 3]);
  assert.deepEqual(queued(operations, 2), [1, 3]);
  assert.deepEqual([counts(operations, 1), counts(operations, 2)], [[2, 1], [2, 1]]);
  assert.deepEqual(stored(operations).map(({ streak }) => streak?.hasEnded), [true, true, true]);
});

Deno.test("A gift that does not streak is queued at once for both", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  accept(capture, rose(1, { groupId: null }));
  assert.deepEqual([queued(operations, 1), queued(operations, 2)], [[1], [1]]);
});

Deno.test("The end of the source closes open streaks before the session", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  accept(capture, rose(4));
  capture.accept({ kind: "end", status: "completed", reason: "The live ended." });
  const kinds = operations.map(({ kind }) => kind).filter((kind) => !kind.startsWith("save_"));
  assert.deepEqual(kinds.slice(-3), ["end_streak", "insert_item", "close_session"]);
  assert.equal(capture.session, null);
});

Deno.test("A replay's streaks idle by the recorded times, whatever the clock says", () => {
  const { capture, operations } = makeCapture(
    { isLive: false, hasHistory: false, hasRooms: false },
    "replay:x",
  );
  enter(capture);
  accept(capture, rose(1, { createdAt: 1000 }), comment({ createdAt: 10_999 }));
  assert.deepEqual(queued(operations, 2), []);
  accept(capture, comment({ createdAt: 11_000 }));
  assert.deepEqual(queued(operations, 2), [1]);
});

Deno.test("A viewer's first event of a type in the live is marked, and only that", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  accept(
    capture,
    comment(),
    comment(),
    rose(1),
    comment({ user: { ...nobody, id: "7" } }),
    comment({ user: nobody }),
  );
  assert.deepEqual(stored(operations).map(({ isFirstOfUser }) => isFirstOfUser), [
    true,
    false,
    true,
    true,
    false,
  ]);
});

Deno.test("Each event of a viewer's first streak is marked as first, and none of the next", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  accept(capture, rose(1), rose(4, { isEnd: true }), rose(1, { groupId: "10" }));
  assert.deepEqual(stored(operations).map(({ isFirstOfUser }) => isFirstOfUser), [true, true, false]);
});

Deno.test("Unreadable and unknown messages are counted, and told of once a kind", () => {
  const { capture, operations, log } = makeCapture();
  enter(capture);
  for (let count = 0; count < 3; count++) {
    capture.accept({ kind: "corrupt", method: "WebcastGiftMessage" });
    accept(
      capture,
      comment({ type: "UnknownEvent", data: { method: "WebcastNew" } } as Partial<CapturedEvent>),
    );
  }
  assert.equal(capture.counts.corrupt, 3);
  assert.equal(capture.counts.unknown, 3);
  assert.equal(stored(operations).length, 3);
  assert.equal(log.entries.filter(({ text }) => text.includes("WebcastGiftMessage")).length, 1);
  assert.equal(log.entries.filter(({ text }) => text.includes("WebcastNew")).length, 1);
});

Deno.test("What was let go is counted by type in the session", () => {
  const { capture, operations } = makeCapture();
  enter(capture);
  capture.accept({ kind: "shed", eventType: "JoinEvent", count: 3 });
  capture.accept({ kind: "shed", eventType: "JoinEvent", count: 2 });
  capture.accept({ kind: "shed", eventType: "LikeEvent", count: 1 });
  capture.accept({ kind: "end", status: "completed", reason: "done" });
  assert.deepEqual(ofKind(operations, "update_shed").at(-1)?.shed, { JoinEvent: 5, LikeEvent: 1 });
  assert.deepEqual(capture.counts.shed, { JoinEvent: 5, LikeEvent: 1 });
});

Deno.test("A message of another room inside the live stays in its session, is marked, and counts in nobody's sums", () => {
  const { capture, operations, totals } = makeCapture();
  enter(capture);
  accept(
    capture,
    rose(3, { groupId: null }),
    rose(5, { groupId: null, roomId: "800" }),
    comment({ roomId: "800" }),
  );
  assert.deepEqual(
    stored(operations).map(({ sessionId, roomId, isForeign }) => [sessionId, roomId, isForeign]),
    [
      [1, "700", false],
      [1, "800", true],
      [1, "800", true],
    ],
  );
  assert.deepEqual([totals()?.gifts, totals()?.diamonds, totals()?.comments], [3, 3, 0]);
  assert.deepEqual(ofKind(operations, "add_giver").map(({ giver }) => giver.gifts), [3]);
  assert.deepEqual(ofKind(operations, "add_gift").map(({ count }) => count), [3]);
  assert.equal(ofKind(operations, "close_session").length, 0);
});

Deno.test("A gift to a guest is in none of the host's sums", () => {
  const { capture, operations, totals } = makeCapture();
  enter(capture);
  const guest = { id: "77", uniqueId: "gil", nickname: "Guest Gil" };
  const toGuest = rose(4, { groupId: null });
  accept(capture, rose(1, { groupId: null }), {
    ...toGuest,
    data: { ...toGuest.data, receiver: guest },
  } as CapturedEvent);
  assert.deepEqual([totals()?.gifts, totals()?.diamonds], [1, 1]);
  assert.deepEqual(ofKind(operations, "add_giver").map(({ giver }) => giver.gifts), [1]);
  assert.deepEqual(ofKind(operations, "add_gift").map(({ count }) => count), [1, 4], "both were seen");
  assert.deepEqual(queued(operations, 1), [1, 2], "services are given both");
});

Deno.test("A test event is given to services, and counts in no sum, no giver and no first time", () => {
  const { capture, operations, totals } = makeCapture();
  enter(capture);
  accept(capture, rose(9, { groupId: null, isTest: true }), comment({ isTest: true }), comment());
  assert.deepEqual(queued(operations, 1), [1, 2, 3]);
  assert.deepEqual([totals()?.gifts, totals()?.comments], [0, 1]);
  assert.deepEqual(ofKind(operations, "add_giver"), []);
  assert.deepEqual(ofKind(operations, "add_gift"), []);
  assert.deepEqual(stored(operations).map(({ isFirstOfUser }) => isFirstOfUser), [false, false, true]);
});

Deno.test("A return to a live goes on with its sums and its first times", () => {
  const { capture, operations, totals } = makeCapture();
  enter(capture, "700");
  accept(capture, comment(), rose(2, { groupId: null }));
  enter(capture, "701");
  accept(capture, comment({ roomId: "701" }));
  assert.equal(totals()?.gifts, 0);
  enter(capture, "700");
  accept(capture, comment(), rose(3, { groupId: null }));
  assert.deepEqual([totals()?.gifts, totals()?.comments], [5, 2]);
  assert.deepEqual(stored(operations).map(({ liveId, isFirstOfUser }) => [liveId, isFirstOfUser]), [
    [1, true],
    [1, true],
    [2, true],
    [1, false],
    [1, false],
  ]);
});

Deno.test("Each run of a replay is a live of its own, though it is the same room", () => {
  const { captureFor, operations } = makeCapture();
  const recorded = { isLive: false, hasRooms: false, keepsIds: false, hasHistory: false };
  for (let run = 0; run < 2; run++) {
    const capture = captureFor("replay:x", recorded);
    enter(capture);
    accept(capture, comment());
    capture.endSession("completed", "The recording ended.");
  }
  assert.deepEqual(stored(operations).map(({ liveId }) => liveId), [1, 2]);
});

Deno.test("What a source without rooms brings belongs to the live that it follows, and moves on with that", () => {
  const { capture, captureFor, operations, lives } = makeCapture({}, "main");
  const tips = captureFor("tips", {
    type: "webhook",
    hasRooms: false,
    hasHistory: false,
    keepsIds: true,
    follows: "main",
  });
  const donation = (id: string) =>
    comment({
      type: "DonationEvent",
      data: { amount: 500, currency: "EUR", provider: "kofi", message: "", isPublic: true },
      messageId: id,
      roomId: "",
    } as Partial<CapturedEvent>);
  accept(tips, donation("a"));
  enter(capture, "700");
  accept(tips, donation("b"));
  enter(capture, "701");
  accept(tips, donation("c"), donation("a"));
  assert.deepEqual(stored(operations).map(({ liveId, source, roomId }) => [liveId, source, roomId]), [
    [1, "tips", ""],
    [2, "tips", "700"],
    [3, "tips", "701"],
  ]);
  assert.equal(tips.counts.repeated, 1, "it knows its ids over all lives");
  assert.equal(lives.ofSource("tips"), lives.ofSource("main"));
});

Deno.test("An hour set back or forward on the wall clock neither ends a streak nor keeps it open", () => {
  for (const shift of [-3_600_000, 3_600_000]) {
    const { capture, operations, clock } = makeCapture();
    enter(capture);
    accept(capture, rose(2));
    clock.shiftWall(shift);
    capture.advance();
    assert.deepEqual(queued(operations, 2), [], "it goes on");
    clock.advance(10_000);
    capture.advance();
    assert.deepEqual(queued(operations, 2), [1], "it has idled out");
  }
});

Deno.test("Two sources have their own sessions, streaks and sums, and share one order of events", () => {
  const { capture, captureFor, operations, lives } = makeCapture({}, "one");
  const other = captureFor("two");
  enter(capture, "700", "ana");
  enter(other, "800", "ben");
  accept(capture, rose(1));
  accept(other, rose(4, { roomId: "800" }));
  accept(capture, rose(3));
  other.endSession("completed", "The live ended.");
  assert.deepEqual(
    stored(operations).map(({ id, source, sessionId, streak }) => [id, source, sessionId, streak?.delta]),
    [[1, "one", 1, 1], [2, "two", 2, 4], [3, "one", 1, 2]],
  );
  assert.deepEqual(queued(operations, 2), [2], "the other's end closes its own streak alone");
  assert.deepEqual([lives.ofSource("one")?.totals().gifts, lives.ofSource("two")?.totals().gifts], [3, 4]);
});

Deno.test("A silent live's sums are written up to what others brought: the next start looks through nothing of theirs", () => {
  const { capture, captureFor, operations, clock } = makeCapture({}, "silent");
  capture.accept({ kind: "session", username: "ana", roomId: "700" });
  capture.accept({ kind: "event", event: comment(), raw: null });
  const busy = captureFor("busy");
  busy.accept({ kind: "session", username: "ben", roomId: "800" });
  for (let count = 0; count < 5; count++) {
    busy.accept({ kind: "event", event: comment({ roomId: "800" }), raw: null });
  }
  clock.advance(1000);
  capture.advance();
  const saved = operations.findLast((operation) =>
    operation.kind === "save_totals" && operation.liveId === 1
  ) as Operation & { kind: "save_totals" };
  assert.deepEqual([saved.upTo, saved.totals.comments], [6, 1]);
});
