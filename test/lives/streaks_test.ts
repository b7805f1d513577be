import assert from "node:assert/strict";
import fc from "fast-check";
import type { CapturedEvent, StreakFrame } from "../../src/source.ts";
import { ClosedStreaks, Streaks } from "../../src/lives/streaks.ts";
import { nobody } from "../../src/event.ts";

const common = { roomId: "700", messageId: null, createdAt: null };
const person = (id: string) => ({ ...nobody, id });

interface GiftGiven {
  count: number;
  isEnd?: boolean;
  groupId?: string | null;
  userId?: string;
  giftId?: number;
  roomId?: string;
}

function gift(given: GiftGiven): CapturedEvent {
  const { count, isEnd = false, groupId = "9", userId = "42", giftId = 5655, roomId = "700" } = given;
  return {
    ...common,
    roomId,
    type: "GiftEvent",
    user: person(userId),
    data: {
      gift: { id: giftId, name: "Rose", diamondCount: 1, isStreakable: groupId !== null, imageUrl: "" },
      repeatCount: count,
      receiver: null,
    },
    streak: { kind: "gift", groupId, count, isEnd },
  };
}

function like(count: number, userId = "42"): CapturedEvent {
  return {
    ...common,
    type: "LikeEvent",
    user: person(userId),
    data: { total: 0 },
    streak: { kind: "like", count },
  };
}

const comment: CapturedEvent = {
  ...common,
  type: "CommentEvent",
  user: person("42"),
  data: { comment: "hello", language: "", emotes: [] },
  streak: null,
};

/** Counts events one second apart, numbered from 1, and gives their streaks. */
function countAll(streaks: Streaks, events: CapturedEvent[]) {
  return events.map((event, index) => streaks.count(event, index * 1000, index + 1));
}

const deltas = (counted: ReturnType<typeof countAll>) => counted.map(({ streak }) => streak?.delta);

Deno.test("Streaks gives each frame of a gift what it adds, and ends with the end frame", () => {
  const counted = countAll(new Streaks(), [
    ...[1, 3, 7, 10, 11].map((count) => gift({ count })),
    gift({ count: 11, isEnd: true }),
  ]);
  assert.deepEqual(deltas(counted), [1, 2, 4, 3, 1, 0]);
  assert.deepEqual(counted.map(({ streak }) => streak?.hasEnded), [false, false, false, false, false, true]);
  assert.deepEqual(counted[4], {
    streak: { id: "700:42:5655:9", count: 11, delta: 1, hasEnded: false },
    closed: null,
  });
  assert.deepEqual(counted[5]?.closed, { streakId: "700:42:5655:9", lastEventId: 6, total: 11 });
});

Deno.test("Streaks adds nothing for a frame that comes out of order or again", () => {
  const counted = countAll(new Streaks(), [15, 14, 15, 16].map((count) => gift({ count })));
  assert.deepEqual(deltas(counted), [15, 0, 0, 1]);
  assert.deepEqual(counted.map(({ streak }) => streak?.count), [15, 15, 15, 16]);
});

Deno.test("Streaks tells runs apart by room, user, gift and group", () => {
  const counted = countAll(new Streaks(), [
    gift({ count: 2 }),
    gift({ count: 2, groupId: "10" }),
    gift({ count: 2, userId: "43" }),
    gift({ count: 2, giftId: 1 }),
    gift({ count: 2, roomId: "701" }),
    gift({ count: 2, userId: "" }),
  ]);
  assert.deepEqual(deltas(counted), [2, 2, 2, 2, 2, 2]);
  assert.equal(new Set(counted.map(({ streak }) => streak?.id)).size, 6);
});

Deno.test("Streaks counts a late frame of an ended streak as an addition to it, which stays ended", () => {
  const streaks = new Streaks();
  countAll(streaks, [gift({ count: 5, isEnd: true })]);
  streaks.advance(3_600_000);
  assert.deepEqual(streaks.count(gift({ count: 7 }), 3_600_000, 2), {
    streak: { id: "700:42:5655:9", count: 7, delta: 2, hasEnded: true },
    closed: null,
  });
  assert.equal(streaks.count(gift({ count: 7, isEnd: true }), 3_600_000, 3).streak?.delta, 0);
  assert.deepEqual(streaks.closeAll(), []);
});

Deno.test("Streaks counts a gift that does not streak at once, each under its own id", () => {
  const streaks = new Streaks();
  const counted = countAll(streaks, [gift({ count: 1, groupId: null }), gift({ count: 3, groupId: null })]);
  assert.deepEqual(deltas(counted), [1, 3]);
  assert.ok(counted.every(({ streak, closed }) => streak?.hasEnded && closed?.streakId === streak.id));
  assert.notEqual(counted[0]?.streak?.id, counted[1]?.streak?.id);
  assert.deepEqual(streaks.closeAll(), []);
});

for (const groupId of ["", "0"]) {
  Deno.test(`Streaks begins a streak without a group ("${groupId}") anew after its end`, () => {
    const counted = countAll(new Streaks(), [
      gift({ count: 1, groupId }),
      gift({ count: 3, groupId }),
      gift({ count: 3, groupId, isEnd: true }),
      gift({ count: 1, groupId }),
    ]);
    assert.deepEqual(deltas(counted), [1, 2, 0, 1]);
    const ids = counted.map(({ streak }) => streak?.id);
    assert.equal(ids[0], ids[2]);
    assert.notEqual(ids[2], ids[3]);
  });
}

Deno.test("Streaks sums up likes until their user pauses, and begins anew then", () => {
  const streaks = new Streaks();
  assert.deepEqual(streaks.count(like(15), 0, 1).streak, {
    id: "700:42:likes:1",
    count: 15,
    delta: 15,
    hasEnded: false,
  });
  streaks.advance(9_999);
  assert.deepEqual(streaks.count(like(4), 9_999, 2).streak, {
    id: "700:42:likes:1",
    count: 19,
    delta: 4,
    hasEnded: false,
  });
  assert.equal(streaks.count(like(4, "43"), 9_999, 3).streak?.count, 4);
  assert.deepEqual(streaks.advance(19_999), [
    { streakId: "700:42:likes:1", lastEventId: 2, total: 19 },
    { streakId: "700:43:likes:3", lastEventId: 3, total: 4 },
  ]);
  assert.equal(streaks.count(like(1), 20_000, 4).streak?.id, "700:42:likes:4");
});

Deno.test("Streaks closes idle streaks in the order of idling out, and no others", () => {
  const streaks = new Streaks();
  streaks.count(gift({ count: 1, userId: "1" }), 0, 1);
  streaks.count(gift({ count: 1, userId: "2" }), 1_000, 2);
  streaks.count(gift({ count: 1, userId: "1" }), 2_000, 3);
  assert.deepEqual(streaks.advance(10_999), []);
  assert.deepEqual(streaks.advance(11_000).map(({ lastEventId }) => lastEventId), [2]);
  streaks.count(gift({ count: 1, userId: "3" }), 11_500, 4);
  assert.deepEqual(streaks.closeAll().map(({ lastEventId }) => lastEventId), [3, 4]);
});

Deno.test("Streaks lets time stand still where the source's runs backwards", () => {
  const streaks = new Streaks();
  streaks.advance(100_000);
  streaks.count(gift({ count: 1 }), 5_000, 1);
  assert.deepEqual(streaks.advance(50_000), []);
  assert.equal(streaks.advance(110_000).length, 1);
});

Deno.test("Streaks goes on from what an earlier run stored", () => {
  const closed = new ClosedStreaks();
  closed.remember("700:42:5655:9", 10);
  const streaks = new Streaks(closed);
  assert.deepEqual(streaks.count(gift({ count: 12 }), 1_700_000_000_000, 1).streak, {
    id: "700:42:5655:9",
    count: 12,
    delta: 2,
    hasEnded: true,
  });
});

Deno.test("Streaks has nothing to say of a comment, and takes a negative count for none", () => {
  const streaks = new Streaks();
  assert.deepEqual(streaks.count(comment, 0, 1), { streak: null, closed: null });
  assert.equal(streaks.count(like(-5), 0, 2).streak?.delta, 0);
  assert.equal(streaks.count(gift({ count: -5, groupId: null }), 0, 3).streak?.delta, 0);
});

/** Frames of a few streaks and likes, in any order, with gaps between them. */
const frames = fc.array(
  fc.record({
    groupId: fc.constantFrom("1", "2", "3", null),
    userId: fc.constantFrom("", "42", "43"),
    count: fc.integer({ min: 1, max: 20 }),
    isEnd: fc.boolean(),
    isLike: fc.boolean(),
    gapMs: fc.constantFrom(0, 500, 4_000, 9_999, 10_000, 60_000, -3_000),
  }),
  { maxLength: 60 },
);

Deno.test("Streaks sums up to the highest counts over any permutation, repetition and omission of frames", () => {
  fc.assert(
    fc.property(frames, (given) => {
      const streaks = new Streaks();
      const highest = new Map<string, number>();
      let likesAndSingles = 0;
      let sum = 0;
      let at = 0;
      const lastCounts = new Map<string, number>();
      const timesClosed = new Map<string, number>();
      const ended = new Map<string, number>();
      const note = (id: string) => timesClosed.set(id, (timesClosed.get(id) ?? 0) + 1);

      given.forEach(({ groupId, userId, count, isEnd, isLike, gapMs }, index) => {
        at += gapMs;
        for (const { streakId } of streaks.advance(at)) note(streakId);
        const event = isLike ? like(count, userId) : gift({ count, groupId, userId, isEnd });
        const { streak, closed } = streaks.count(event, at, index + 1);
        assert.ok(streak && streak.delta >= 0);
        assert.ok(streak.count >= (lastCounts.get(streak.id) ?? 0), "a streak's count never falls");
        lastCounts.set(streak.id, streak.count);
        if (closed) note(closed.streakId);
        if (streak.hasEnded) ended.set(streak.id, streak.count);
        else assert.ok(!ended.has(streak.id), "an ended streak stays so");
        sum += streak.delta;
        if (isLike || groupId === null) likesAndSingles += count;
        else highest.set(`${userId}:${groupId}`, Math.max(count, highest.get(`${userId}:${groupId}`) ?? 0));
      });
      for (const { streakId, total } of streaks.closeAll()) {
        note(streakId);
        assert.equal(total, lastCounts.get(streakId));
      }

      assert.equal(sum, likesAndSingles + [...highest.values()].reduce((a, b) => a + b, 0));
      assert.deepEqual([...timesClosed.keys()].sort(), [...lastCounts.keys()].sort(), "every streak closes");
      assert.ok([...timesClosed.values()].every((times) => times === 1), "and only once");
    }),
    { numRuns: 2000 },
  );
});

/** What streaks.ts says in prose, with a scan of everything for each step. */
class Model {
  now = 0;
  readonly streaks: { id: string; seenAt: number; lastEventId: number; isOpen: boolean; step: number }[] = [];

  closeIdle(at: number): number[] {
    this.now = Math.max(this.now, at);
    const idle = this.streaks.filter(({ isOpen, seenAt }) => isOpen && this.now - seenAt >= 10_000);
    for (const streak of idle) streak.isOpen = false;
    return idle.sort((a, b) => a.step - b.step).map(({ lastEventId }) => lastEventId);
  }

  see(id: string, frame: StreakFrame, step: number): void {
    const isEnd = frame.kind === "gift" && frame.isEnd;
    const known = this.streaks.find((streak) => streak.id === id);
    if (known && !known.isOpen) return;
    const streak = known ?? { id, seenAt: 0, lastEventId: 0, isOpen: true, step };
    if (!known) this.streaks.push(streak);
    Object.assign(streak, { seenAt: this.now, lastEventId: step, step, isOpen: !isEnd });
  }
}

Deno.test("Streaks closes what a brute-force model closes, when it does and in its order", () => {
  fc.assert(
    fc.property(frames, (given) => {
      const streaks = new Streaks();
      const model = new Model();
      let at = 0;
      given.forEach(({ groupId, userId, count, isEnd, isLike, gapMs }, index) => {
        at += gapMs;
        assert.deepEqual(streaks.advance(at).map(({ lastEventId }) => lastEventId), model.closeIdle(at));
        const event = isLike ? like(count, userId) : gift({ count, groupId: groupId ?? "4", userId, isEnd });
        const { streak } = streaks.count(event, at, index + 1);
        if (streak && event.streak) model.see(streak.id, event.streak, index + 1);
      });
      model.now += 10_000;
      assert.deepEqual(streaks.closeAll().map(({ lastEventId }) => lastEventId), model.closeIdle(model.now));
    }),
    { numRuns: 1000 },
  );
});
