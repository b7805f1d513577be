/**
 * One service's queue: who gets in when it is full (admission), who is handed out next, and what becomes
 * of a hand-out that failed.
 *
 * An item is in one place at a time:
 *
 *   admit ──▶ reserved ──commit──▶ ready ──claim──▶ claimed ──start──▶ running ──settle──▶ out
 *                  │                ▲  waiting (a retry's backoff) ◀──────────────┘
 *                  └─▶ stored ──────┘
 *
 * Reserved, stored, ready and waiting items are *pending*: they count against the bound and may be evicted.
 * Claimed and running items do not count and are never evicted. Stored items are in the database alone: what
 * is too many for memory, until its turn is near (see `tail.ts`).
 */
import { backoffMs } from "../backoff.ts";
import type { Outcome, QueuedItem } from "../item.ts";
import { PriorityHeap } from "./priority_heap.ts";
import { type ItemClass, type PendingRows, type Tail, Tails } from "./tail.ts";

export interface QueueRules {
  /** Pending items at most. */
  maxQueueSize: number;
  /** Async items running at once at most. */
  maxConcurrency: number;
  /** Items held at once while a sync one is among them, that one included. 1 is strict priority. */
  prefetch: number;
  /** Failures after which an item is failed for good. */
  maxAttempts: number;
  /** Crashes after which an item is failed for good. */
  maxCrashes: number;
  /** Before the first retry; doubles with each failure. */
  backoffMs: number;
}

export interface QueueOptions {
  /** Without it all of the queue is in memory. */
  rows?: PendingRows;
  /** Items of one class held in memory before others are left in the database. Default 10,000: some 15 MB. */
  window?: number;
}

/** When something happens: wall time is for rows, waits run by the monotonic clock. Both are milliseconds. */
export interface Moment {
  now: number;
  monotonic: number;
}

export type Admission =
  | { outcome: "queued"; evicted: QueuedItem | null }
  | { outcome: "queue_full" };

export type Settlement = "completed" | "failed" | "pending";

/** What `empty` has forgotten. */
export interface Emptied {
  count: number;
  /** Ids to discard, oldest first; each step reads no more than two hundred. A stop may leave the rest pending. */
  chunks: Iterable<readonly number[]>;
}

/** One call of `empty`, until its rows are discarded. */
interface Emptying {
  /** What came later has ids from this one on. */
  beforeId: number;
}

type Place = Pick<QueuedItem, "priority" | "id">;

/** However often an item has failed, a retry waits no longer; no stored wait either. */
const longestBackoffMs = 5 * 60_000;
const defaultWindow = 10_000;
/** Rows read at a time: 2 ms, and still a short turn where they lie on a slow disk. */
const pageSize = 200;

const isTakenFirst = (a: Place, b: Place) =>
  a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;
const isEvictedFirst = (a: Place, b: Place) =>
  a.priority !== b.priority ? a.priority < b.priority : a.id < b.id;

export class ServiceQueue {
  rules: QueueRules;
  /** Called when a new item may be taken. */
  onCommitted: () => void = () => {};
  readonly #rows: PendingRows | null;
  readonly #window: number;
  /** Those in memory, by id. */
  readonly #pending = new Map<number, QueuedItem>();
  readonly #ready = new PriorityHeap<QueuedItem>(isTakenFirst);
  readonly #waiting = new PriorityHeap<QueuedItem>((a, b) => this.#isDueFirst(a, b));
  /** When each waiting item may be taken, by the monotonic clock. */
  readonly #dueAt = new Map<QueuedItem, number>();
  /** Waiting items as they were read: the next claim, which knows the time, dates them. */
  readonly #undated = new Set<QueuedItem>();
  readonly #evictable = new PriorityHeap<QueuedItem>(isEvictedFirst);
  readonly #tails = new Tails();
  readonly #emptyings = new Set<Emptying>();
  /** In the order in which they were claimed, with whether the claim is committed. */
  readonly #claimed = new Map<QueuedItem, boolean>();
  readonly #running = new Set<QueuedItem>();

  constructor(rules: QueueRules, { rows, window = defaultWindow }: QueueOptions = {}) {
    this.rules = rules;
    this.#rows = rows ?? null;
    this.#window = rows === undefined ? Infinity : window;
  }

  /** Takes up what is pending in the database. Once, before anything is admitted. */
  async load(): Promise<void> {
    for (const { count, ...itemClass } of await this.#rows?.counts() ?? []) {
      this.#tails.grow(this.#tails.of(itemClass), count);
    }
    this.#first(this.#ready, isTakenFirst);
  }

  get pendingCount(): number {
    return this.#pending.size + this.#tails.count;
  }

  /** Claimed and running: what the database calls `processing`. */
  get processingCount(): number {
    return this.#claimed.size + this.#running.size;
  }

  /** When the next waiting item may be taken, by the monotonic clock; null where none waits. */
  get nextDueAt(): number | null {
    const next = this.#waiting.peek();
    return next === undefined ? null : this.#dueAt.get(next) ?? null;
  }

  /** The pending items that will be taken next, in their order, as far as they are in memory; a copy. */
  pendingItems(): QueuedItem[] {
    const items = [...this.#pending.values()].sort((a, b) => isTakenFirst(a, b) ? -1 : 1);
    const end = items.findIndex((item) => this.#tailBefore(item, isTakenFirst) !== undefined);
    return end === -1 ? items : items.slice(0, end);
  }

  /** Decides on the dispatcher's new item. Where it is queued it stays reserved until `commit`. */
  admit(item: QueuedItem): Admission {
    let evicted: QueuedItem | null = null;
    if (this.pendingCount >= this.rules.maxQueueSize) {
      evicted = this.#first(this.#evictable, isEvictedFirst) ?? null;
      if (evicted === null || evicted.priority >= item.priority) return { outcome: "queue_full" };
      this.#removePending(evicted);
    }
    this.#addPending(item);
    for (const emptying of this.#emptyings) emptying.beforeId = Math.min(emptying.beforeId, item.id);
    return { outcome: "queued", evicted };
  }

  /** The item's row is in the database: it may be taken, unless it was evicted meanwhile. */
  commit(item: QueuedItem): void {
    if (this.#pending.get(item.id) !== item) return;
    const tail = this.#tails.of(item);
    const isBehindTail = tail.count > 0 && item.id > tail.readUpTo;
    if (isBehindTail || tail.held >= this.#window) {
      this.#removePending(item);
      this.#tails.add(item.id, item);
    } else {
      this.#makeTakeable(item);
    }
    this.onCommitted();
  }

  /** Brings back an item that a person put back, and whose row is pending: passes no admission, may exceed the bound. */
  restore(item: QueuedItem): void {
    if (this.#rows === null) this.#putBack(item);
    else this.restoreRow(item);
  }

  /** The same by its row alone: the item is read when its turn comes. Not before what was emptied is discarded. */
  restoreRow({ id, priority, isDiscardable }: Place & ItemClass): void {
    this.#tails.add(id, { priority, isDiscardable });
  }

  /** Forgets at once all that is pending; its rows are for the caller to discard. What comes from now on is kept. */
  empty(): Emptied {
    const count = this.pendingCount;
    const held = [...this.#pending.values()];
    const ids = held.map(({ id }) => id).sort((a, b) => a - b);
    const tails = [...this.#tails.values()].map((tail) => ({ ...tail }));
    for (const item of held) this.#removePending(item);
    for (const tail of tails) this.#tails.grow(this.#tails.of(tail), -tail.count);
    const emptying = { beforeId: Infinity };
    this.#emptyings.add(emptying);
    return { count, chunks: this.#emptiedIds(emptying, ids, tails) };
  }

  /** Nothing can be claimed, whatever is next: a sync item is in hand, and as many as may be claimed ahead of it. */
  get isFull(): boolean {
    return this.processingCount >= this.rules.prefetch && this.#holds((item) => !item.isAsync);
  }

  /** The next item to be marked `processing`, or null. Counts an attempt. Follow with `confirmClaim`. */
  claim(moment: Moment): QueuedItem | null {
    if (this.isFull) return null;
    let item: QueuedItem | undefined;
    do {
      this.#releaseDue(moment);
      item = this.#first(this.#ready, isTakenFirst);
      // A page may have brought some that wait, and of these some may be due.
    } while (this.#undated.size > 0);
    if (!item || !this.#mayClaim(item)) return null;
    this.#removePending(item);
    item.attempts++;
    item.notBefore = null;
    this.#claimed.set(item, false);
    return item;
  }

  /** The claim is committed: the item may be started in its turn. */
  confirmClaim(item: QueuedItem): void {
    if (this.#claimed.has(item)) this.#claimed.set(item, true);
  }

  /** The next claimed item that may be handed to the worker now, or null. */
  start(): QueuedItem | null {
    for (const [item, isConfirmed] of this.#claimed) {
      if (!isConfirmed || !this.#mayRunBeside(item, this.#running)) return null;
      this.#claimed.delete(item);
      this.#running.add(item);
      return item;
    }
    return null;
  }

  /** Claims that were never started go back to pending, nothing counted: an orderly stop. */
  releaseClaims(): QueuedItem[] {
    const items = [...this.#claimed.keys()];
    this.#claimed.clear();
    for (const item of items) this.#putBack(item);
    return items;
  }

  /** Ends a hand-out and says what the item is now; what is pending again is back in the queue. */
  settle(item: QueuedItem, ending: Outcome["kind"], { now, monotonic }: Moment): Settlement {
    if (!this.#running.delete(item)) {
      throw new Error(`ServiceQueue.settle: item ${item.id} is not running`);
    }
    let waitMs: number | null = null;
    switch (ending) {
      case "completed":
        return "completed";
      case "failed":
        item.failures++;
        if (item.failures >= this.rules.maxAttempts) return "failed";
        waitMs = backoffMs(item.failures, { firstMs: this.rules.backoffMs, longestMs: longestBackoffMs });
        break;
      case "crashed":
        item.crashes++;
        if (item.crashes >= this.rules.maxCrashes) return "failed";
        break;
      case "released":
        break;
    }
    item.notBefore = waitMs === null ? null : now + waitMs;
    this.#putBack(item, waitMs === null ? null : monotonic + waitMs);
    return "pending";
  }

  #mayClaim(item: QueuedItem): boolean {
    if (this.processingCount === 0) return true;
    if (this.#holds((other) => !other.isAsync)) {
      return item.crashes === 0 && !this.#holds((other) => other.crashes > 0);
    }
    return this.#mayRunBeside(item, [...this.#running, ...this.#claimed.keys()]);
  }

  /** Whether one of the items in hand is so. */
  #holds(isSo: (item: QueuedItem) => boolean): boolean {
    for (const item of this.#running) if (isSo(item)) return true;
    for (const item of this.#claimed.keys()) if (isSo(item)) return true;
    return false;
  }

  /** A crashed item runs alone; beside a running sync item nothing starts; async ones have their bound. */
  #mayRunBeside(item: QueuedItem, others: Iterable<QueuedItem>): boolean {
    let count = 0;
    for (const other of others) {
      if (item.crashes > 0 || other.crashes > 0 || !other.isAsync) return false;
      count++;
    }
    return !item.isAsync || count < this.rules.maxConcurrency;
  }

  #addPending(item: QueuedItem): void {
    this.#pending.set(item.id, item);
    if (item.isDiscardable) this.#evictable.push(item);
  }

  /** `dueAt` by the monotonic clock, where it is known. */
  #makeTakeable(item: QueuedItem, dueAt: number | null = null): void {
    this.#tails.of(item).held++;
    if (item.notBefore === null) return this.#ready.push(item);
    if (dueAt === null) return void this.#undated.add(item);
    this.#dueAt.set(item, dueAt);
    this.#waiting.push(item);
  }

  #putBack(item: QueuedItem, dueAt: number | null = null): void {
    this.#addPending(item);
    this.#makeTakeable(item, dueAt);
  }

  #removePending(item: QueuedItem): void {
    this.#pending.delete(item.id);
    this.#evictable.delete(item);
    const isHeld = this.#ready.delete(item) || this.#waiting.delete(item) || this.#undated.delete(item);
    this.#dueAt.delete(item);
    if (isHeld) this.#tails.of(item).held--;
  }

  #releaseDue({ now, monotonic }: Moment): void {
    for (const item of this.#undated) {
      // A stored moment is wall time, which may have been set since: no wait is longer than the longest.
      const waitMs = Math.min(longestBackoffMs, Math.max(0, (item.notBefore ?? 0) - now));
      this.#dueAt.set(item, monotonic + waitMs);
      this.#waiting.push(item);
    }
    this.#undated.clear();
    for (let due = this.#waiting.peek(); due && this.#isDue(due, monotonic); due = this.#waiting.peek()) {
      this.#waiting.delete(due);
      this.#dueAt.delete(due);
      this.#ready.push(due);
    }
  }

  #isDue(item: QueuedItem, monotonic: number): boolean {
    return (this.#dueAt.get(item) ?? 0) <= monotonic;
  }

  #isDueFirst(a: QueuedItem, b: QueuedItem): boolean {
    const [dueA, dueB] = [this.#dueAt.get(a) ?? 0, this.#dueAt.get(b) ?? 0];
    return dueA !== dueB ? dueA < dueB : a.id < b.id;
  }

  /** The first of a heap, after reading whatever in the database may come before it. */
  #first(heap: PriorityHeap<QueuedItem>, comesFirst: typeof isTakenFirst): QueuedItem | undefined {
    while (true) {
      const found = heap.peek();
      const tail = this.#tailBefore(found, comesFirst);
      if (tail === undefined) return found;
      this.#readPage(tail);
    }
  }

  /** A tail whose next row may come before this item. */
  #tailBefore(item: QueuedItem | undefined, comesFirst: typeof isTakenFirst): Tail | undefined {
    for (const tail of this.#tails.values()) {
      if (comesFirst === isEvictedFirst && !tail.isDiscardable) continue;
      const next = { priority: tail.priority, id: tail.readUpTo + 1 };
      if (item === undefined || comesFirst(next, item)) return tail;
    }
    return undefined;
  }

  #readPage(tail: Tail): void {
    if (this.#rows === null) throw new Error("ServiceQueue: nothing is stored, so there is nothing to read");
    const limit = Math.min(this.#window, pageSize);
    const { priority, isDiscardable, readUpTo: afterId } = tail;
    const items = this.#rows.page({ priority, isDiscardable, afterId, limit });
    const inHand = new Set([...this.#running, ...this.#claimed.keys()].map(({ id }) => id));
    for (const item of items) {
      tail.readUpTo = item.id;
      if (this.#pending.has(item.id) || inHand.has(item.id)) continue;
      this.#tails.grow(tail, -1);
      this.#putBack(item);
    }
    // There are no more, whatever was counted: another program has changed rows.
    if (items.length < limit && tail.count > 0) this.#tails.grow(tail, -tail.count);
  }

  *#emptiedIds(emptying: Emptying, ids: number[], tails: readonly Tail[]): Generator<readonly number[]> {
    for (let index = 0; index < ids.length; index += pageSize) yield ids.slice(index, index + pageSize);
    for (const { priority, isDiscardable, readUpTo } of tails) {
      let afterId = readUpTo;
      while (true) {
        const { beforeId } = emptying;
        const page = this.#rows?.ids({ priority, isDiscardable, afterId, beforeId, limit: pageSize }) ?? [];
        yield page.filter((id) => !this.#pending.has(id));
        if (page.length < pageSize) break;
        afterId = page.at(-1) as number;
      }
    }
    this.#emptyings.delete(emptying);
  }
}
