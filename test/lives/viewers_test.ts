import assert from "node:assert/strict";
import { type CountedStandings, Viewers } from "../../src/lives/viewers.ts";
import { type ViewerInLive, viewerName, type ViewerNumbers, type ViewerStanding } from "../../src/viewer.ts";
import { makeEvent, makeGift } from "../support/events.ts";

/** Viewers whose counted numbers the test sets, as the count behind the events does. */
class Scene {
  readonly numbers = new Map<string, ViewerNumbers>();
  readonly lives = new Set<string>();
  readonly count = { upTo: 0 };
  asked = 0;
  readonly viewers: Viewers;

  constructor(before = 0, standings?: CountedStandings) {
    const counted = {
      numbersOf: (key: { platform: string; userId: string }) => {
        this.asked++;
        return this.numbers.get(viewerName(key)) ?? null;
      },
      wasIn: (key: { platform: string; userId: string }, liveId: number) =>
        this.lives.has(`${viewerName(key)} ${liveId}`),
    };
    this.viewers = new Viewers({
      counted,
      ...(standings === undefined ? {} : { standings }),
      count: this.count,
      before,
      platformOf: () => "tiktok",
      blocked: [],
    });
  }

  numbersAfter(...events: ReturnType<typeof makeEvent>[]): ViewerNumbers {
    for (const event of events) this.viewers.add(event);
    return this.viewers.numbersOf(events.at(-1)!);
  }
}

const ana = viewerName({ platform: "tiktok", userId: "42" });

Deno.test("A new viewer is at the first visit from the first event on, and returns in the next live", () => {
  const scene = new Scene();
  assert.deepEqual(scene.numbersAfter(makeEvent({ id: 1 })), { visits: 1, totalDiamonds: 0 });
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 2, count: 3 })), { visits: 1, totalDiamonds: 3 });
  assert.deepEqual(scene.numbersAfter(makeEvent({ id: 3, liveId: 2 })), { visits: 2, totalDiamonds: 3 });
  assert.deepEqual(scene.numbersAfter(makeEvent({ id: 4, liveId: 1 })), { visits: 2, totalDiamonds: 3 });
  assert.equal(scene.asked, 1);
});

Deno.test("A viewer of earlier lives goes on from the counted numbers, and a live after a restart is the same visit", () => {
  const scene = new Scene(10);
  scene.count.upTo = 10;
  scene.numbers.set(ana, { visits: 4, totalDiamonds: 100 });
  scene.lives.add(`${ana} 1`);
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 11, liveId: 1 })), { visits: 4, totalDiamonds: 101 });
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 12, liveId: 2 })), { visits: 5, totalDiamonds: 102 });
  // The count comes after it, and changes nothing that was known already.
  scene.numbers.set(ana, { visits: 5, totalDiamonds: 102 });
  scene.count.upTo = 12;
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 13, liveId: 2 })), { visits: 5, totalDiamonds: 103 });
});

Deno.test("Once the earlier events are counted, the numbers are those of all lives", () => {
  const scene = new Scene(10);
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 11, liveId: 9 })), { visits: 1, totalDiamonds: 1 });
  scene.numbers.set(ana, { visits: 3, totalDiamonds: 50 });
  scene.count.upTo = 10;
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 12, liveId: 9 })), { visits: 1, totalDiamonds: 2 });
  scene.numbers.set(ana, { visits: 4, totalDiamonds: 52 });
  scene.lives.add(`${ana} 9`);
  scene.count.upTo = 12;
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 13, liveId: 9 })), { visits: 4, totalDiamonds: 53 });
});

Deno.test("Tests and messages of another room add nothing, and what nobody caused has no viewer", () => {
  const scene = new Scene();
  assert.deepEqual(scene.numbersAfter(makeEvent({ id: 1, isTest: true })), { visits: 0, totalDiamonds: 0 });
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 2, isForeign: true })), { visits: 0, totalDiamonds: 0 });
  const user = { id: "", uniqueId: "", nickname: "", avatarUrl: "", roles: [] };
  assert.deepEqual(scene.numbersAfter(makeEvent({ id: 3, user })), { visits: 0, totalDiamonds: 0 });
});

Deno.test("A flood of new viewers is forgotten but for the latest, and nobody's gift with it", () => {
  const scene = new Scene();
  const gift = (id: number, userId: string) =>
    makeGift({ id, user: { id: userId, uniqueId: "", nickname: "", avatarUrl: "", roles: [] } });
  scene.viewers.add(gift(1, "first"));
  for (let id = 2; id <= 60_000; id++) scene.viewers.add(gift(id, `u${id}`));
  // Its gift is not counted yet, so it is still known here.
  assert.equal(scene.numbersAfter(gift(60_001, "first")).totalDiamonds, 2);
  scene.count.upTo = 60_001;
  scene.viewers.add(gift(60_002, "last"));
  scene.asked = 0;
  scene.numbersAfter(gift(60_003, "u2"));
  assert.equal(scene.asked, 1);
});

/** Viewers of a database whose reads take long: the test answers each question when it wants. */
class SlowScene extends Scene {
  readonly questions: { upTo: number; answer(): void; fail(): void }[] = [];
  #isAsked = Promise.withResolvers<void>();

  constructor(before = 0) {
    super(before, {
      now: (asked) => this.standings(asked),
      later: (asked) => {
        const { promise, resolve, reject } = Promise.withResolvers<ReturnType<SlowScene["standings"]>>();
        const answer = () => resolve(this.standings(asked));
        this.questions.push({ upTo: this.count.upTo, answer, fail: () => reject(new Error("away")) });
        this.#isAsked.resolve();
        this.#isAsked = Promise.withResolvers();
        return promise;
      },
    });
  }

  get isAsked(): Promise<void> {
    return this.#isAsked.promise;
  }

  standings(asked: readonly ViewerInLive[]): ViewerStanding[] {
    this.asked++;
    return asked.map((viewer) => ({
      numbers: this.numbers.get(viewerName(viewer)) ?? null,
      wasIn: this.lives.has(`${viewerName(viewer)} ${viewer.liveId}`),
      upTo: this.count.upTo,
    }));
  }

  /** The count has caught up: what the viewer gave is in the tables. */
  countUpTo(upTo: number, numbers: ViewerNumbers, liveId: number): void {
    this.count.upTo = upTo;
    this.numbers.set(ana, numbers);
    this.lives.add(`${ana} ${liveId}`);
  }
}

Deno.test("Viewers who are new in a turn are read in one question, before their numbers are wanted", async () => {
  const scene = new SlowScene();
  scene.countUpTo(0, { visits: 4, totalDiamonds: 100 }, 9);
  scene.viewers.add(makeGift({ id: 1, count: 3 }));
  scene.viewers.add(makeGift({ id: 2, count: 2 }));
  scene.viewers.add(makeEvent({ id: 3, user: { ...makeEvent({}).user, id: "43" } }));
  await scene.isAsked;
  assert.equal(scene.questions.length, 1);
  assert.equal(scene.asked, 0);
  scene.questions[0]!.answer();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(scene.asked, 1);
  assert.deepEqual(scene.viewers.numbersOf(makeGift({ id: 2 })), { visits: 5, totalDiamonds: 105 });
  assert.equal(scene.asked, 1);
});

Deno.test("Numbers that are wanted before the answer are read at once, and the late answer changes nothing", async () => {
  const scene = new SlowScene();
  scene.countUpTo(0, { visits: 4, totalDiamonds: 100 }, 1);
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 1, count: 3 })), { visits: 4, totalDiamonds: 103 });
  scene.viewers.add(makeEvent({ id: 2, user: { ...makeEvent({}).user, id: "43" } }));
  await scene.isAsked;
  scene.questions[0]!.answer();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 3, count: 1 })), { visits: 4, totalDiamonds: 104 });
});

Deno.test("What the count adds before the question is answered is not added twice", async () => {
  const scene = new SlowScene();
  scene.viewers.add(makeGift({ id: 1, count: 3 }));
  scene.viewers.add(makeGift({ id: 2, count: 2 }));
  await scene.isAsked;
  scene.countUpTo(1, { visits: 1, totalDiamonds: 3 }, 1);
  scene.questions[0]!.answer();
  assert.deepEqual(scene.numbersAfter(makeGift({ id: 3, count: 4 })), { visits: 1, totalDiamonds: 9 });
});

Deno.test("A viewer whose question fails is asked for again, and nothing is lost meanwhile", async () => {
  const scene = new SlowScene();
  scene.countUpTo(0, { visits: 4, totalDiamonds: 100 }, 9);
  scene.viewers.add(makeGift({ id: 1, count: 3 }));
  await scene.isAsked;
  scene.questions[0]!.fail();
  await Promise.resolve();
  await Promise.resolve();
  scene.viewers.add(makeGift({ id: 2, liveId: 2, count: 1 }));
  await scene.isAsked;
  scene.questions[1]!.answer();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(scene.viewers.numbersOf(makeGift({ id: 2 })), { visits: 6, totalDiamonds: 104 });
  assert.equal(scene.asked, 1);
});
