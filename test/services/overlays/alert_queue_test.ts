/** The queue of the alerts page: what merges, what cuts in, and that nothing waits for long or vanishes. */
import assert from "node:assert/strict";
import type { OverlayEvent } from "../../../services/overlays/messages.ts";
import {
  type Alert,
  AlertQueue,
  durationAmong,
  patienceMs,
} from "../../../services/overlays/pages/assets/alert_queue.js";
import { rateOf, SoundLimit, stepOf } from "../../../services/overlays/pages/assets/sound.js";

const thresholds = { small: 10, big: 100, huge: 1000, full: 10_000 };
let lastId = 0;

function eventOf(type: OverlayEvent["type"], name: string, given: Partial<OverlayEvent> = {}): OverlayEvent {
  const id = ++lastId;
  return {
    id,
    type,
    at: id,
    ageMs: 0,
    liveId: 1,
    source: "demo",
    user: { id: name, name, handle: name, avatarUrl: "", roles: [] },
    gift: null,
    receiver: "",
    subscription: null,
    payment: null,
    count: 1,
    total: 1,
    diamonds: 0,
    worth: 0,
    comment: "",
    emotes: [],
    streakId: null,
    hasEnded: true,
    alert: { text: "", durationSeconds: null, sound: "", media: "", size: null },
    isTest: false,
    ...given,
  };
}

const follow = (name: string) => eventOf("FollowEvent", name);
const gift = (name: string, diamonds: number) =>
  eventOf("GiftEvent", name, {
    diamonds,
    worth: diamonds,
    streakId: `of ${name} ${lastId}`,
    gift: { id: 1, name: "Rose", diamondCount: diamonds, imageUrl: "" },
  });

function queueOf(...events: OverlayEvent[]): AlertQueue {
  const queue = new AlertQueue(thresholds);
  for (const event of events) {
    queue.add(event, 0);
    if (queue.shown === null) queue.advance(0);
  }
  return queue;
}

const names = (alert: Alert | null) => alert?.viewers.map(({ name }) => name);

Deno.test("Follows of one moment are one alert, also with the one that is shown; later ones are another", () => {
  const queue = queueOf(follow("Bo"));
  for (let index = 1; index <= 8; index++) queue.add(follow(`Viewer ${index}`), 100);
  assert.deepEqual([names(queue.shown)?.length, names(queue.shown)?.[0], queue.waiting.length], [9, "Bo", 0]);
  queue.add(follow("Cy"), 5000);
  queue.add(follow("Di"), 9000);
  assert.deepEqual(names(queue.waiting[0] ?? null), ["Cy", "Di"]);
  queue.add(eventOf("ShareEvent", "Bo"), 9000);
  assert.equal(queue.waiting.length, 2);
});

Deno.test("A larger gift cuts in, and the alert that gave way comes back before smaller ones", () => {
  const queue = queueOf(gift("Small", 20));
  queue.add(gift("Other", 30), 0);
  assert.equal(queue.cutIn(), null);
  queue.add(gift("Big", 500), 0);
  assert.deepEqual(names(queue.cutIn()), ["Big"]);
  queue.add(gift("Full", 20_000), 0);
  assert.deepEqual(names(queue.cutIn()), ["Full"]);
  const order = [1, 2, 3].map(() => names(queue.advance(0))?.[0]);
  assert.deepEqual(order, ["Big", "Small", "Other"]);
});

Deno.test("A size has its threshold, by the worth of the whole streak, or is the rule's", () => {
  const sizeOf = (event: OverlayEvent) => queueOf(event).shown?.size(thresholds);
  const sizes = [1, 10, 100, 1000, 29_999].map((diamonds) => sizeOf(gift("Ana", diamonds)));
  assert.deepEqual(sizes, ["chip", "small", "big", "huge", "full"]);
  const alert = { text: "", durationSeconds: null, sound: "", media: "", size: "full" as const };
  assert.equal(sizeOf({ ...follow("Bo"), alert }), "full");
});

/** Sends events at this rate for two minutes, as the page would show them. */
function run(perSecond: number, eventAt: (index: number) => OverlayEvent) {
  const queue = new AlertQueue(thresholds);
  const sent: OverlayEvent[] = [];
  const shown: { alert: Alert; waitedMs: number; forMs: number }[] = [];
  let since = 0;
  let end = Infinity;
  const plan = () => {
    const planned = since + durationAmong(6000, queue.waiting.length);
    end = Math.min(planned, Math.max(since + 1500, (queue.oldestSince ?? Infinity) + patienceMs)) + 320;
  };
  const advance = (now: number) => {
    shown.at(-1)!.forMs = now - since;
    since = now;
    const alert = queue.advance(now);
    if (alert === null) return end = Infinity;
    shown.push({ alert, waitedMs: now - alert.since, forMs: 0 });
    plan();
  };
  for (let now = 0; now < 120_000; now += 1000 / perSecond) {
    while (end <= now) advance(end);
    const event = eventAt(sent.length);
    sent.push(event);
    queue.add(event, now);
    if (queue.shown === null) {
      shown.push({ alert: queue.advance(now) as Alert, waitedMs: 0, forMs: 0 });
      since = now;
    }
    plan();
  }
  while (queue.shown !== null) advance(end);
  return { sent, shown };
}

for (const perSecond of [1, 8, 20]) {
  Deno.test(`At ${perSecond} events a second nothing waits 30 s, each stays readable, and no diamond vanishes`, () => {
    const kinds = [
      (index: number) => gift(`Giver ${index}`, 1 + index % 50),
      (index: number) => follow(`Follower ${index}`),
      (index: number) => eventOf("ShareEvent", `Sharer ${index}`),
      (index: number) => eventOf("SubscribeEvent", `Subscriber ${index}`, { worth: 300 }),
    ];
    const { sent, shown } = run(perSecond, (index) => kinds[index % kinds.length]!(index));
    const ids = shown.flatMap(({ alert }) => alert.events.map(({ id }) => id));
    assert.deepEqual(ids.sort((one, other) => one - other), sent.map(({ id }) => id));
    const diamonds = shown.reduce((sum, { alert }) => sum + alert.diamonds, 0);
    assert.equal(diamonds, sent.reduce((sum, event) => sum + event.diamonds, 0));
    const longest = Math.max(...shown.map(({ waitedMs }) => waitedMs));
    assert.ok(longest < 30_000, `${longest} ms`);
    assert.ok(shown.every(({ forMs }) => forMs >= 1500));
  });
}

Deno.test("The pitch rises with the count, in few steps, and sounds have a limit a minute", () => {
  assert.deepEqual([1, 2, 4, 5, 10, 99, 100].map(stepOf), [0, 1, 2, 3, 4, 7, 8]);
  assert.ok(rateOf(stepOf(2)) > rateOf(0) && rateOf(stepOf(1e9)) === 4);
  const limit = new SoundLimit(3);
  assert.deepEqual([0, 1, 2, 3].map((now) => limit.take(now)), [true, true, true, false]);
  assert.ok(limit.take(60_001));
});
