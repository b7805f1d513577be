import assert from "node:assert/strict";
import { Pipeline, type SourceTraits } from "../../src/live/pipeline.ts";
import { SeenMessages } from "../../src/live/seen_messages.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { Streaks } from "../../src/live/streaks.ts";
import { type LiveEvent, nobody } from "../../src/event.ts";
import { EventDispatcher } from "../../src/live/dispatcher.ts";
import type { Subscription } from "../../src/subscription.ts";
import { ServiceQueue } from "../../src/queue/service_queue.ts";
import type { Operation } from "../../src/operation.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";

const start = 1_700_000_000_000;
const always: Subscription = {
  isEnabled: true,
  priority: 5,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
};

/** A pipeline into a list of operations, with one service that takes each gift and one that takes final ones. */
function makePipeline(source: Partial<SourceTraits> = {}) {
  const clock = new FakeClock(start);
  const operations: Operation[] = [];
  const dispatcher = new EventDispatcher(1);
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
  const pipeline = new Pipeline({
    sessionName: null,
    nextIds: { session: 1, event: 1 },
    log,
    clock,
    operations: { add: (operation) => operations.push(operation) },
    dispatcher,
    remember: () => ({ seen: new SeenMessages({ horizonMs: 86_400_000, clock }), streaks: new Streaks() }),
  });
  pipeline.setSource({ name: "tiktok", isLive: true, marksHistory: true, ...source });
  return { pipeline, operations, clock, log };
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

function accept(pipeline: Pipeline, ...events: CapturedEvent[]) {
  for (const event of events) pipeline.accept({ kind: "event", event, raw: null });
}

function enter(pipeline: Pipeline, roomId = "700", username = "host") {
  pipeline.accept({ kind: "session", username, roomId });
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
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  const twice = comment();
  accept(pipeline, twice, twice, comment({ messageId: null }), comment({ messageId: null }));
  assert.equal(stored(operations).length, 3);
  assert.equal(pipeline.counts.repeated, 1);
});

Deno.test("A reconnect to the same room goes on in the same session, another room opens another", () => {
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  accept(pipeline, comment());
  enter(pipeline);
  accept(pipeline, comment());
  enter(pipeline, "701");
  accept(pipeline, comment({ roomId: "701" }));
  assert.deepEqual(stored(operations).map((event) => event.sessionId), [1, 1, 2]);
  const closings = ofKind(operations, "close_session");
  assert.deepEqual(closings.map(({ id, status }) => [id, status]), [[1, "completed"]]);
  assert.match(closings[0]?.reason ?? "", /another live/);
});

Deno.test("What was made over ten seconds before the first connect is stored but not queued", () => {
  const { pipeline, operations, clock } = makePipeline();
  enter(pipeline);
  accept(pipeline, comment({ createdAt: start - 10_001 }), comment({ createdAt: start - 10_000 }));
  assert.deepEqual(stored(operations).map(({ isHistory }) => isHistory), [true, false]);
  assert.deepEqual(queued(operations, 1), [2]);

  clock.advance(60_000);
  enter(pipeline);
  accept(pipeline, comment({ createdAt: start + 20_000 }));
  assert.deepEqual(queued(operations, 1), [2, 3], "what came while it was reconnecting is acted on");
});

Deno.test("Each of a streak is queued where it adds something, the final once when the end frame comes", () => {
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  accept(pipeline, rose(1), rose(5), rose(3), rose(5, { isEnd: true }));
  assert.deepEqual(stored(operations).map(({ streak }) => [streak?.count, streak?.delta, streak?.hasEnded]), [
    [1, 1, false],
    [5, 4, false],
    [5, 0, false],
    [5, 0, true],
  ]);
  assert.deepEqual(queued(operations, 1), [1, 2]);
  assert.deepEqual(queued(operations, 2), [4]);
  assert.deepEqual([counts(operations, 1), counts(operations, 2)], [[1, 4], [5]]);
  assert.equal(pipeline.totals.read().diamonds, 5);
});

Deno.test("A streak whose end never comes is closed when it has idled, at its last stored event", () => {
  const { pipeline, operations, clock } = makePipeline();
  enter(pipeline);
  accept(pipeline, rose(1), rose(3));
  clock.advance(9_000);
  pipeline.advance(clock.now());
  assert.deepEqual(queued(operations, 2), []);
  clock.advance(2_000);
  pipeline.advance(clock.now());
  assert.deepEqual(queued(operations, 2), [2]);
  assert.deepEqual(counts(operations, 2), [3]);
  assert.deepEqual(ofKind(operations, "end_streak").map(({ eventId }) => eventId), [2]);
});

Deno.test("A straggler from before the start does not keep a streak that is acted on from its end", () => {
  const { pipeline, operations, clock } = makePipeline();
  enter(pipeline);
  accept(pipeline, rose(8), rose(5, { createdAt: start - 11_000 }));
  clock.advance(10_000);
  pipeline.advance(clock.now());
  assert.deepEqual(queued(operations, 2), [1]);
});

Deno.test("A late frame of a closed streak that adds something is queued for both", () => {
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  accept(pipeline, rose(2, { isEnd: true }), rose(2, { isEnd: true }), rose(3));
  assert.deepEqual(queued(operations, 1), [1, 3]);
  assert.deepEqual(queued(operations, 2), [1, 3]);
  assert.deepEqual([counts(operations, 1), counts(operations, 2)], [[2, 1], [2, 1]]);
  assert.deepEqual(stored(operations).map(({ streak }) => streak?.hasEnded), [true, true, true]);
});

Deno.test("A gift that does not streak is queued at once for both", () => {
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  accept(pipeline, rose(1, { groupId: null }));
  assert.deepEqual([queued(operations, 1), queued(operations, 2)], [[1], [1]]);
});

Deno.test("The end of the source closes open streaks before the session", () => {
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  accept(pipeline, rose(4));
  pipeline.accept({ kind: "end", status: "completed", reason: "The live ended." });
  const kinds = operations.map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(-3), ["end_streak", "insert_item", "close_session"]);
  assert.equal(pipeline.session, null);
});

Deno.test("A replay's streaks idle by the recorded times, whatever the clock says", () => {
  const { pipeline, operations } = makePipeline({
    name: "replay:x",
    isLive: false,
    marksHistory: false,
  });
  enter(pipeline);
  accept(pipeline, rose(1, { createdAt: 1000 }), comment({ createdAt: 10_999 }));
  assert.deepEqual(queued(operations, 2), []);
  accept(pipeline, comment({ createdAt: 11_000 }));
  assert.deepEqual(queued(operations, 2), [1]);
});

Deno.test("A viewer's first event of a type in the session is marked, and only that", () => {
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  accept(
    pipeline,
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
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  accept(pipeline, rose(1), rose(4, { isEnd: true }), rose(1, { groupId: "10" }));
  assert.deepEqual(stored(operations).map(({ isFirstOfUser }) => isFirstOfUser), [true, true, false]);
});

Deno.test("Unreadable and unknown messages are counted, and told of once a kind", () => {
  const { pipeline, operations, log } = makePipeline();
  enter(pipeline);
  for (let count = 0; count < 3; count++) {
    pipeline.accept({ kind: "corrupt", method: "WebcastGiftMessage" });
    accept(
      pipeline,
      comment({ type: "UnknownEvent", data: { method: "WebcastNew" } } as Partial<CapturedEvent>),
    );
  }
  assert.equal(pipeline.counts.corrupt, 3);
  assert.equal(pipeline.counts.unknown, 3);
  assert.equal(stored(operations).length, 3);
  assert.equal(log.entries.filter(({ text }) => text.includes("WebcastGiftMessage")).length, 1);
  assert.equal(log.entries.filter(({ text }) => text.includes("WebcastNew")).length, 1);
});

Deno.test("What was let go is counted by type in the session", () => {
  const { pipeline, operations } = makePipeline();
  enter(pipeline);
  pipeline.accept({ kind: "shed", eventType: "JoinEvent" });
  pipeline.accept({ kind: "shed", eventType: "JoinEvent" });
  pipeline.accept({ kind: "shed", eventType: "LikeEvent" });
  pipeline.accept({ kind: "end", status: "completed", reason: "done" });
  assert.deepEqual(ofKind(operations, "update_shed").at(-1)?.shed, { JoinEvent: 2, LikeEvent: 1 });
});
