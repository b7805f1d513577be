/**
 * Measures the queue alone, with 100 and 100 thousand items: its heap, and its admission with eviction, against a
 * sorted array and plain binary heaps; and a queue with most items in SQLite against one that is all in memory. The
 * benchmark fails unless all take and evict the same items.
 */
import { join } from "node:path";
import { systemClock } from "../src/clock.ts";
import type { QueuedItem } from "../src/item.ts";
import { PriorityHeap } from "../src/queue/priority_heap.ts";
import { ServiceQueue } from "../src/queue/service_queue.ts";
import { openStore } from "../src/store/open.ts";
import type { Store } from "../src/store/store.ts";
import { makeItem } from "../test/support/events.ts";
import { makeLargeDatabase } from "../test/support/large_database.ts";
import { silentLog } from "../test/support/silent_log.ts";
import { serviceConfig } from "../test/support/temporary_store.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { MarkingHeap, type Order, PlainHeap, SortedArray } from "./plain_queues.ts";

const rounds = 3;
const moment = { now: 1_700_000_000_000, monotonic: 0 };

const isTakenFirst = (a: QueuedItem, b: QueuedItem) =>
  a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;
const isEvictedFirst = (a: QueuedItem, b: QueuedItem) =>
  a.priority !== b.priority ? a.priority < b.priority : a.id < b.id;

/**
 * The ratio that each must reach to the rate of each of `ways`. With few items a plain way is faster, because it does
 * not track the places of its items; with many items it searches or moves for too long. The queue does more than the
 * plain ones: it distinguishes reserved, claimed and running items.
 */
const targets: Record<"heap" | "admission", Record<"few" | "many", readonly [number, number, number]>> = {
  heap: { few: [0.25, 0.25, 0.5], many: [4, 3, 0.5] },
  admission: { few: [0.15, 0.12, 0.25], many: [3, 1, 0.4] },
};
const few = 100;
const many = 100_000;

type MakeOrder = (comesFirst: typeof isTakenFirst) => Order<QueuedItem>;

const ways: { name: string; make: MakeOrder }[] = [
  { name: "a sorted array", make: (comesFirst) => new SortedArray(comesFirst) },
  { name: "a plain heap", make: (comesFirst) => new PlainHeap(comesFirst) },
  { name: "a plain heap that marks", make: (comesFirst) => new MarkingHeap(comesFirst) },
];

/** A checksum of the items that were taken, evicted and refused. */
class Tally {
  #sum = 0;

  add(id: number): void {
    this.#sum = (Math.imul(this.#sum, 31) + id) | 0;
  }

  get sum(): number {
    return this.#sum;
  }
}

/** Pseudorandom numbers, the same in every run. */
function* numbers(): Generator<number, never> {
  let value = 1;
  while (true) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    yield value >>> 8;
  }
}

/** Items of every priority; three in four are discardable. */
function makeItems(count: number): QueuedItem[] {
  const random = numbers();
  return Array.from({ length: count }, (_, index) =>
    makeItem({
      id: index + 1,
      priority: 1 + random.next().value % 10,
      isDiscardable: random.next().value % 4 !== 0,
    }));
}

/**
 * Steps per second. In each step two items come in, the first of them is removed again, and the order's first item is
 * taken.
 */
function heapRate(order: Order<QueuedItem>, size: number, steps: number): { rate: number; sum: number } {
  const items = makeItems(size + 2 * steps);
  const held = items.slice(0, size);
  for (const item of held) order.push(item);
  // The removed item is certain to be in the order, because it came in just before.
  const tally = new Tally();
  const begin = performance.now();
  for (let index = size; index < items.length; index += 2) {
    const [removed, stays] = [items[index] as QueuedItem, items[index + 1] as QueuedItem];
    order.push(removed);
    order.push(stays);
    order.delete(removed);
    tally.add(order.pop()?.id ?? 0);
  }
  return { rate: steps / (performance.now() - begin) * 1000, sum: tally.sum };
}

/** A queue that decides like the service's queue, made of two orders only. */
class PlainQueue {
  readonly #taken: Order<QueuedItem>;
  readonly #evictable: Order<QueuedItem>;
  readonly #maxSize: number;
  #size = 0;

  constructor(make: MakeOrder, maxSize: number) {
    this.#taken = make(isTakenFirst);
    this.#evictable = make(isEvictedFirst);
    this.#maxSize = maxSize;
  }

  /** Returns the id of the evicted item, or the id of this item if it was refused; otherwise 0. */
  admit(item: QueuedItem): number {
    let evictedId = 0;
    if (this.#size >= this.#maxSize) {
      const evicted = this.#evictable.peek();
      if (evicted === undefined || evicted.priority >= item.priority) return item.id;
      this.#evictable.pop();
      this.#taken.delete(evicted);
      this.#size--;
      evictedId = evicted.id;
    }
    this.#taken.push(item);
    if (item.isDiscardable) this.#evictable.push(item);
    this.#size++;
    return evictedId;
  }

  take(): number {
    const item = this.#taken.pop();
    if (item === undefined) return 0;
    if (item.isDiscardable) this.#evictable.delete(item);
    this.#size--;
    return item.id;
  }
}

/** The service's queue with all its work: reservation, claim, hand-out and settlement. */
class RealQueue {
  readonly #queue: ServiceQueue;

  constructor(maxQueueSize: number) {
    this.#queue = new ServiceQueue(serviceConfig("bench", { maxQueueSize }));
  }

  admit(item: QueuedItem): number {
    const admission = this.#queue.admit(item);
    if (admission.outcome === "queue_full") return item.id;
    this.#queue.commit(item);
    return admission.outcome === "queued" ? admission.evicted?.id ?? 0 : 0;
  }

  take(): number {
    return takeNext(this.#queue)?.id ?? 0;
  }
}

/** Takes the next item and completes it. */
function takeNext(queue: ServiceQueue): QueuedItem | null {
  const item = queue.claim(moment);
  if (item === null) return null;
  queue.confirmClaim(item);
  queue.start();
  queue.settle(item, "completed", moment);
  return item;
}

/** Items per second that come to a full queue. One item is taken for every two that come. */
function admissionRate(
  queue: PlainQueue | RealQueue,
  size: number,
  steps: number,
): { rate: number; sum: number } {
  const items = makeItems(size + 2 * steps);
  for (const item of items.slice(0, size)) queue.admit(item);
  const tally = new Tally();
  const begin = performance.now();
  for (let index = size; index < items.length; index += 2) {
    tally.add(queue.take());
    tally.add(queue.admit(items[index] as QueuedItem));
    tally.add(queue.admit(items[index + 1] as QueuedItem));
  }
  return { rate: 2 * steps / (performance.now() - begin) * 1000, sum: tally.sum };
}

/** The best of some rounds for each contender, in turns. Throws if their items differ. */
function bestOf(contenders: (() => { rate: number; sum: number })[]): number[] {
  const best = contenders.map(() => 0);
  const sums = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of contenders.entries()) {
      const { rate, sum } = run();
      best[index] = Math.max(best[index] as number, rate);
      sums.add(sum);
    }
  }
  if (sums.size !== 1) throw new Error("Not all ways took and evicted the same items.");
  return best;
}

function* figuresOf(kind: "heap" | "admission", size: number, rates: readonly number[]): Generator<Figure> {
  const what = `${kind}, ${size.toLocaleString("en")} items`;
  const [own, ...others] = rates as [number, ...number[]];
  yield { name: what, value: own, unit: "items/s" };
  for (const [index, { name }] of ways.entries()) {
    const value = others[index] as number;
    const atLeast = targets[kind][size === few ? "few" : "many"][index] as number;
    yield { name: `${what}, by ${name}`, value, unit: "items/s" };
    yield { name: `${what}, of ${name}`, value: own / value, unit: "", target: { atLeast } };
  }
}

function* measureInMemory(size: number, steps: number): Generator<Figure> {
  const heaps = [() => new PriorityHeap(isTakenFirst), ...ways.map(({ make }) => () => make(isTakenFirst))];
  yield* figuresOf("heap", size, bestOf(heaps.map((make) => () => heapRate(make(), size, steps))));
  const queues = [() => new RealQueue(size), ...ways.map(({ make }) => () => new PlainQueue(make, size))];
  yield* figuresOf("admission", size, bestOf(queues.map((make) => () => admissionRate(make(), size, steps))));
}

/**
 * Items per second that are taken, run, completed and followed by a new item, with `size` pending items. Each
 * transaction contains one hundred steps. With `window`, only this many items are in memory, and the others only in
 * the database.
 */
async function storedRate(
  folder: string,
  { size, steps, window }: { size: number; steps: number; window: number | null },
): Promise<{ rate: number; sum: number }> {
  const path = join(folder, `${crypto.randomUUID()}.db`);
  makeLargeDatabase({ path, eventCount: size + 1, pendingCount: size, now: moment.now });
  const store = await openStore({
    address: path,
    durability: "normal",
    clock: systemClock,
    log: silentLog(),
  });
  const rules = serviceConfig("bench", { maxQueueSize: size });
  const options = window === null ? {} : { rows: store.pendingOf(1), window };
  const queue = new ServiceQueue(rules, options);
  await queue.load();
  if (window === null) { for (const item of allPending(store)) queue.restore(item); }
  const tally = new Tally();
  const begin = performance.now();
  for (let step = 1; step <= steps; step++) {
    const item = takeNext(queue) as QueuedItem;
    tally.add(item.id);
    complete(store, item);
    comeIn(
      store,
      queue,
      makeItem({ id: size + step, priority: 1 + step % 10, isDiscardable: step % 2 === 0 }),
    );
    if (step % 100 === 0) await store.writer.flush();
  }
  await store.writer.flush();
  const rate = steps / (performance.now() - begin) * 1000;
  await store.stop();
  await Deno.remove(path);
  return { rate, sum: tally.sum };
}

/** All pending items in the database. */
function* allPending(store: Store): Generator<QueuedItem> {
  const rows = store.pendingOf(1);
  for (let priority = 1; priority <= 10; priority++) {
    for (const isDiscardable of [true, false]) {
      yield* rows.page({ priority, isDiscardable, afterId: 0, limit: 1_000_000 }) ?? [];
    }
  }
}

function complete(store: Store, { id, attempts }: QueuedItem): void {
  store.writer.add({ kind: "claim_item", id, attempts, startedAt: moment.now });
  const counts = { attempts, failures: 0, crashes: 0 };
  const end = { status: "completed", finishedAt: moment.now, error: null } as const;
  store.writer.add({ kind: "finish_item", serviceId: 1, id, ...counts, ...end });
}

function comeIn(store: Store, queue: ServiceQueue, item: QueuedItem): void {
  const { id, priority, isAsync, isDiscardable, count } = item;
  queue.admit(item);
  const row = {
    id,
    serviceId: 1,
    liveEventId: 1,
    priority,
    isAsync,
    isDiscardable,
    count,
    createdAt: moment.now,
  };
  store.writer.add({ kind: "insert_item", row, as: "pending" }, () => queue.commit(item));
}

async function* measureSpilling(size: number, steps: number): AsyncGenerator<Figure> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const window = size / 10;
  let [spilling, inMemory] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const spilled = await storedRate(folder, { size, steps, window });
    const held = await storedRate(folder, { size, steps, window: null });
    if (spilled.sum !== held.sum) throw new Error("A queue that spills took other items than one in memory.");
    spilling = Math.max(spilling, spilled.rate);
    inMemory = Math.max(inMemory, held.rate);
  }
  await Deno.remove(folder, { recursive: true });
  const what = `with the database, ${size.toLocaleString("en")} items`;
  yield { name: `${what}, a tenth in memory`, value: spilling, unit: "items/s" };
  yield { name: `${what}, all in memory`, value: inMemory, unit: "items/s" };
  yield {
    name: `${what}, a tenth in memory, of all in memory`,
    value: spilling / inMemory,
    unit: "",
    target: { atLeast: 0.5 },
  };
}

async function* measure({ isShort }: { isShort: boolean }): AsyncGenerator<Figure> {
  yield* measureInMemory(few, isShort ? 20_000 : 500_000);
  yield* measureInMemory(many, isShort ? 2_000 : 20_000);
  yield* measureSpilling(isShort ? 20_000 : 100_000, isShort ? 10_000 : 50_000);
}

export const benchmark: Benchmark = {
  name: "queue",
  about:
    "The queue's heap and admission alone, against a sorted array and plain heaps; and a queue that spills to SQLite.",
  measure,
};

if (import.meta.main) await runAlone(benchmark);
