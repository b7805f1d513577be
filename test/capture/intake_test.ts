import assert from "node:assert/strict";
import type { EventType } from "../../src/event.ts";
import type { CountsByType } from "../../src/live.ts";
import type { SourceItem } from "../../src/source.ts";
import { Intake, keptOfRoom } from "../../src/capture/intake.ts";
import { sampleOf } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";

function itemOf(type: EventType, messageId = type as string): SourceItem {
  return { kind: "event", event: { ...sampleOf(type), messageId }, raw: null };
}

function intakeOf(options: { capacity?: number; maxBytes?: number; clock?: FakeClock } = {}): Intake {
  return new Intake({ keeps: keptOfRoom, clock: new FakeClock(), ...options });
}

/** All that waits, in short: an event's message id, "-Type" for each that was let go, else the kind. */
async function pulled(intake: Intake): Promise<string[]> {
  intake.close();
  const seen: string[] = [];
  for await (const item of intake.items()) {
    if (item.kind === "event") seen.push(item.event.messageId ?? "");
    else if (item.kind === "shed") seen.push(...Array(item.count).fill(`-${item.eventType}`));
    else seen.push(item.kind);
  }
  return seen;
}

function filled(capacity: number, types: EventType[]): Intake {
  const intake = intakeOf({ capacity });
  types.forEach((type, index) => intake.push(itemOf(type, `${type}${index}`)));
  return intake;
}

Deno.test("Intake gives items of all kinds in the order in which they came", async () => {
  const intake = filled(100, ["LikeEvent", "GiftEvent", "JoinEvent"]);
  intake.push({ kind: "corrupt", method: "m" });
  intake.push({ kind: "session", username: "ana", roomId: "1" });
  intake.push(itemOf("CommentEvent"));
  const order = ["LikeEvent0", "GiftEvent1", "JoinEvent2", "corrupt", "session", "CommentEvent"];
  assert.deepEqual(await pulled(intake), order);
});

Deno.test("Intake lets joins and lesser types go first, then likes, then comments, the oldest of each first", async () => {
  const start: EventType[] = ["CommentEvent", "LikeEvent", "JoinEvent", "ViewerCountEvent", "LikeEvent"];
  const gifts = (count: number): EventType[] => Array(count).fill("GiftEvent");
  const shedBy = async (count: number) =>
    (await pulled(filled(5, [...start, ...gifts(count)]))).filter((each) => each.startsWith("-"));
  assert.deepEqual(await shedBy(0), []);
  assert.deepEqual(await shedBy(1), ["-JoinEvent"]);
  assert.deepEqual(await shedBy(2), ["-JoinEvent", "-ViewerCountEvent"]);
  assert.deepEqual(await shedBy(3), ["-JoinEvent", "-ViewerCountEvent", "-LikeEvent"]);
  assert.deepEqual(
    (await shedBy(5)).toSorted(),
    ["-CommentEvent", "-JoinEvent", "-LikeEvent", "-LikeEvent", "-ViewerCountEvent"],
  );
});

Deno.test("Intake lets a newcomer go where all that waits matters more", async () => {
  const intake = filled(2, ["CommentEvent", "CommentEvent", "LikeEvent", "JoinEvent"]);
  assert.deepEqual(await pulled(intake), ["-LikeEvent", "-JoinEvent", "CommentEvent0", "CommentEvent1"]);
});

Deno.test("Intake prefers the newer of equals", async () => {
  assert.deepEqual(await pulled(filled(2, ["LikeEvent", "LikeEvent", "LikeEvent"])), [
    "-LikeEvent",
    "LikeEvent1",
    "LikeEvent2",
  ]);
});

Deno.test("Intake never lets go of gifts, follows, subscriptions, shares or news of the connection", async () => {
  const kept: EventType[] = [
    "GiftEvent",
    "FollowEvent",
    "SubscribeEvent",
    "ShareEvent",
    "TreasureBoxEvent",
    "DonationEvent",
    "MembershipEvent",
    "OrderEvent",
    "StreamPauseEvent",
    "StreamResumeEvent",
    "StreamEndEvent",
  ];
  const intake = filled(1, [...kept, ...kept]);
  intake.push({ kind: "session", username: "ana", roomId: "1" });
  intake.push(itemOf("CommentEvent"));
  assert.equal(intake.size, 2 * kept.length + 1);
  const seen = await pulled(intake);
  assert.ok(seen.includes("-CommentEvent"));
  assert.equal(seen.filter((each) => !each.startsWith("-")).length, 2 * kept.length + 1);
});

Deno.test("Intake stays within its bound under a flood and accounts for every message", async () => {
  const intake = intakeOf({ capacity: 100 });
  for (let index = 0; index < 10_000; index++) {
    intake.push(itemOf(index % 2 === 0 ? "JoinEvent" : "LikeEvent"));
    if (index % 3 === 0) intake.push({ kind: "corrupt", method: "m" });
    assert.ok(intake.size <= 100);
  }
  const seen = await pulled(intake);
  assert.equal(seen.filter((each) => each === "corrupt").length, 3334);
  assert.equal(seen.length, 10_000 + 3334);
});

Deno.test("Intake wakes a waiting reader, and ends it when closed", async () => {
  const intake = intakeOf();
  const reader = intake.items();
  const first = reader.next();
  intake.push(itemOf("GiftEvent"));
  assert.equal((await first).done, false);
  const second = reader.next();
  intake.close();
  assert.equal((await second).done, true);
  intake.push(itemOf("GiftEvent"));
  assert.equal((await reader.next()).done, true);
});

Deno.test("Intake is bounded in bytes as well: a few large messages take the place of many small ones", async () => {
  const intake = intakeOf({ maxBytes: 1_000_000 });
  const raw = { method: "m", createTime: null, streamer: "ana", payload: new Uint8Array(99_000) };
  for (let index = 0; index < 15; index++) {
    intake.push({ kind: "event", event: { ...sampleOf("CommentEvent"), messageId: `c${index}` }, raw });
  }
  const seen = await pulled(intake);
  assert.equal(seen.filter((each) => each === "-CommentEvent").length, 5);
  assert.deepEqual(seen.slice(5), ["c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13", "c14"]);
});

Deno.test("Intake counts what it lets go in the session in which it came", async () => {
  const intake = intakeOf({ capacity: 4 });
  intake.push({ kind: "session", username: "ana", roomId: "1" });
  for (let index = 0; index < 9; index++) intake.push(itemOf("JoinEvent", "first"));
  intake.push({ kind: "end", status: "completed", reason: "" });
  intake.push({ kind: "session", username: "ana", roomId: "2" });
  for (let index = 0; index < 7; index++) intake.push(itemOf("JoinEvent", "second"));
  const seen = await pulled(intake);
  const [end, second] = [seen.indexOf("end"), seen.lastIndexOf("session")];
  const counted = (each: string) => each === "-JoinEvent" || each === "first" || each === "second";
  assert.equal(seen.slice(0, end).filter(counted).length, 9);
  assert.equal(seen.slice(end, second).filter(counted).length, 0);
  assert.equal(seen.slice(second).filter(counted).length, 7);
});

interface Flood {
  arriving: Partial<Record<EventType, number>>;
  takenPerSecond: number;
  seconds: number;
}

/** By how much the source's clock is behind, and its way long. */
const awayMs = 3_600_000;

/** So many events a second of each type come, and so many are taken; `pulledAt` tells the age of each that was. */
async function flood({ arriving, takenPerSecond, seconds }: Flood) {
  const clock = new FakeClock();
  const intake = intakeOf({ clock });
  const reader = intake.items();
  const shed: Partial<Record<EventType, number>> = {};
  const taken: { type: EventType; age: number; at: number }[] = [];
  const steps = 20;
  let budget = 0;
  for (let step = 0; step < seconds * steps; step++) {
    clock.advance(1000 / steps);
    for (const [type, rate] of Object.entries(arriving) as [EventType, number][]) {
      const due = Math.floor(rate * (step + 1) / steps) - Math.floor(rate * step / steps);
      for (let index = 0; index < due; index++) {
        const event = {
          ...sampleOf(type),
          messageId: String(clock.monotonic()),
          createdAt: clock.now() - awayMs,
        };
        intake.push({ kind: "event", event, raw: null });
      }
    }
    budget += takenPerSecond / steps;
    while (budget >= 1 && intake.size > 0) {
      const { value } = await reader.next();
      if (value?.kind === "shed") shed[value.eventType] = (shed[value.eventType] ?? 0) + value.count;
      if (value?.kind !== "event") continue;
      budget--;
      const at = clock.monotonic();
      taken.push({ type: value.event.type, age: at - Number(value.event.messageId), at });
    }
  }
  intake.close();
  for await (const item of reader) {
    if (item.kind === "shed") shed[item.eventType] = (shed[item.eventType] ?? 0) + item.count;
    else if (item.kind === "event") taken.push({ type: item.event.type, age: 0, at: clock.monotonic() });
  }
  return { shed, taken };
}

const crowd = { JoinEvent: 400, LikeEvent: 350, CommentEvent: 200, FollowEvent: 20, GiftEvent: 30 };

function assertAllAccounted(
  { arriving, seconds }: Flood,
  { shed, taken }: Awaited<ReturnType<typeof flood>>,
) {
  for (const [type, rate] of Object.entries(arriving) as [EventType, number][]) {
    const count = taken.filter((each) => each.type === type).length;
    assert.equal(count + (shed[type] ?? 0), rate * seconds, type);
  }
}

Deno.test("Intake lets go by type once what it gives out is late, no more than it must, and none is over 3 s late", async () => {
  const cases = [
    { takenPerSecond: 800, sheds: ["JoinEvent"] },
    { takenPerSecond: 450, sheds: ["JoinEvent", "LikeEvent"] },
    { takenPerSecond: 120, sheds: ["CommentEvent", "JoinEvent", "LikeEvent"] },
  ];
  for (const { takenPerSecond, sheds } of cases) {
    const given = { arriving: crowd, takenPerSecond, seconds: 60 };
    const result = await flood(given);
    assertAllAccounted(given, result);
    assert.deepEqual(Object.keys(result.shed).sort(), sheds);
    assert.ok(result.taken.every(({ age }) => age <= 3_050));
  }
});

Deno.test("Intake lets nothing go where as much is taken as comes", async () => {
  const given = { arriving: crowd, takenPerSecond: 1_000, seconds: 20 };
  const result = await flood(given);
  assertAllAccounted(given, result);
  assert.deepEqual(result.shed, {});
});

Deno.test("Intake lets nothing go for its age after a stall, as of a database that was away for minutes, however long it takes to catch up", async () => {
  const clock = new FakeClock();
  const intake = intakeOf({ clock });
  const reader = intake.items();
  const joinNow = (): SourceItem => {
    const createdAt = clock.now() - awayMs;
    return { kind: "event", event: { ...sampleOf("JoinEvent"), createdAt }, raw: null };
  };
  for (let stall = 0; stall < 3; stall++) {
    for (let index = 0; index < 5_000; index++) intake.push(joinNow());
    clock.advance(120_000);
    for (let index = 0; index < 5_000; index++) {
      if (index % 10 === 0) clock.advance(1 + 9 * stall);
      assert.equal((await reader.next()).value?.kind, "event");
    }
    // It keeps up with what comes then.
    for (let index = 0; index < 100; index++) {
      clock.advance(20);
      intake.push(joinNow());
      assert.equal((await reader.next()).value?.kind, "event");
    }
  }
});

/** Messages of a busy room, as the socket gives them: `readEveryMs` after they came at the latest. */
async function roomRead(
  { seconds, readEveryMs, lagMs, pullMs }: {
    seconds: number;
    readEveryMs: number;
    /** By how much older than usual the messages are that are read now. */
    lagMs: (at: number) => number;
    /** What taking one costs. */
    pullMs: number;
  },
): Promise<CountsByType> {
  const clock = new FakeClock();
  const shed: CountsByType = {};
  const intake = new Intake({ keeps: keptOfRoom, clock, shed });
  const reader = intake.items();
  for (let at = 0; at < seconds * 1000; at += readEveryMs) {
    const next = reader.next();
    // Whoever waits for it is idle until it comes.
    await Promise.resolve();
    if (clock.monotonic() < at) clock.advance(at - clock.monotonic());
    for (const type of ["JoinEvent", "CommentEvent", "GiftEvent"] as const) {
      const createdAt = clock.now() - awayMs - lagMs(at);
      intake.push({ kind: "event", event: { ...sampleOf(type), createdAt }, raw: null });
    }
    await next;
    clock.advance(pullMs);
    while (intake.size > 0) {
      await reader.next();
      clock.advance(pullMs);
    }
  }
  intake.close();
  for await (const _ of reader);
  return shed;
}

Deno.test("Intake takes what lay long in the socket of a busy thread for as late as what waited in it", async () => {
  const shed = await roomRead({ seconds: 30, readEveryMs: 30, lagMs: (at) => at / 3, pullMs: 10 });
  assert.ok((shed.JoinEvent ?? 0) > 300, `${shed.JoinEvent} joins`);
  assert.ok((shed.CommentEvent ?? 0) > 300, `${shed.CommentEvent} comments`);
  assert.equal(shed.GiftEvent, undefined);
});

Deno.test("Intake lets nothing go for messages that come late, or a clock that is set, where the thread has time", async () => {
  // TikTok is late for a while; then the wall clock is set forward by an hour.
  const lagMs = (at: number) => at < 10_000 ? 0 : at < 30_000 ? 20_000 : 3_600_000;
  assert.deepEqual(await roomRead({ seconds: 60, readEveryMs: 30, lagMs, pullMs: 2 }), {});
});

Deno.test("A source has to wait when the events that are never shed fill its intake, until half of them are taken", async () => {
  const intake = filled(4, ["JoinEvent", "GiftEvent", "GiftEvent", "GiftEvent"]);
  assert.equal(intake.whenRoom(), null);
  intake.push(itemOf("GiftEvent"));
  const room = intake.whenRoom();
  assert.notEqual(room, null);
  const items = intake.items();
  for (let taken = 0; taken < 3; taken++) await items.next();
  assert.equal(intake.whenRoom(), room);
  await items.next();
  await room;
  assert.equal(intake.whenRoom(), null);
});
