/**
 * One service's queue: who gets in when it is full (admission), who is next, and what happens after a failure.
 *
 * An item is in one place at a time:
 *
 *   admit ──▶ reserved ──commit──▶ ready ──claim──▶ claimed ──start──▶ running ──settle──▶ out
 *     │            │                ▲  waiting (a retry's backoff) ◀──────────────┘
 *     │            └─▶ stored ──────┘                  ▲
 *     └── nothing is pending, and a worker is free ────┘
 *
 * Reserved, stored, ready and waiting items are *pending*: they count towards the limit and may be evicted. Claimed and
 * running items do not count and are never evicted. Stored items are only in the database: they exceed the window in
 * memory until their turn is near (see `item_class.ts`). Running items are in the worker, which begins them in order.
 */
import { backoffMs } from "../backoff.ts";
import { type Emptied, type Emptying, emptyTail } from "./emptying.ts";
import type { Outcome, QueuedItem } from "../item.ts";
import { noSteps, type StepsEnd } from "../step_book.ts";
import {
  isEvictedFirst,
  isTakenFirst,
  type ItemClass,
  ItemClasses,
  type ItemClassKey,
  type PendingRows,
  type Place,
} from "./item_class.ts";
import { longestBackoffMs, type Moment, Retries } from "./retries.ts";

export interface QueueRules {
  /** The most pending items. */
  maxQueueSize: number;
  /** The most async items that run at once. */
  maxConcurrency: number;
  /** The most items in progress with a sync one, itself included. Beyond `maxConcurrency` async ones, one fewer. */
  prefetch: number;
  /** Failures after which an item is failed for good. */
  maxAttempts: number;
  /** Crashes after which an item is failed for good. */
  maxCrashes: number;
  /** Delay before the first retry. It doubles with each failure. */
  backoffMs: number;
  /** How long an item waits before it rises by one priority. If null or omitted, priorities never rise. */
  agingMs?: number | null;
}

export interface QueueOptions {
  /** Without it the whole queue is in memory. */
  rows?: PendingRows;
  /** How many items of one class are held in memory. Further ones stay in the database. Default 10,000, about 15 MB. */
  window?: number | undefined;
}

export type Admission =
  /** Claimed at once: store it as `processing`. */
  | { outcome: "claimed" }
  | { outcome: "queued"; evicted: QueuedItem | null }
  | { outcome: "queue_full" };

export type Settlement = "completed" | "failed" | "pending";

const defaultWindow = 10_000;
/** Rows read at a time. It takes 2 ms, and the turn stays short even on a slow disk. */
const pageSize = 200;

export class ServiceQueue {
  rules: QueueRules;
  /** Called when an item may be claimed or started. */
  onCommitted: () => void = () => {};
  /** Whether a worker is free, so that an item may be claimed as soon as it is admitted. */
  isTaking: () => boolean = () => false;
  readonly #rows: PendingRows | null;
  readonly #window: number;
  readonly #classes = new ItemClasses();
  /** Items that wait for a retry. */
  readonly #retries = new Retries();
  readonly #emptyings = new Set<Emptying>();
  /** Whether each claim is committed, in the order of the claims. */
  readonly #claimed = new Map<QueuedItem, boolean>();
  readonly #running = new Set<QueuedItem>();
  /** Counts among the claimed and running items. */
  #syncInHand = 0;
  #crashedInHand = 0;

  constructor(rules: QueueRules, { rows, window = defaultWindow }: QueueOptions = {}) {
    this.rules = rules;
    this.#rows = rows ?? null;
    if (rows !== undefined) rows.onReadable = () => this.onCommitted();
    this.#window = rows === undefined ? Infinity : window;
  }

  /** Counts the pending items in the database. Call it once, before the first admission. */
  async load(): Promise<void> {
    for (const { count, ...key } of await this.#rows?.counts() ?? []) {
      this.#classes.of(key).storedCount += count;
    }
    this.#nextToTake();
  }

  get pendingCount(): number {
    return this.#classes.count;
  }

  /** Claimed and running items: the status `processing` in the database. */
  get processingCount(): number {
    return this.#claimed.size + this.#running.size;
  }

  /** When the next waiting item is due, by the monotonic clock; null if none waits. */
  get nextDueAt(): number | null {
    return this.#retries.nextAt;
  }

  /** A copy of the next pending items, in order, as far as they are in memory. `now` is in Unix ms. */
  pendingItems(now: number): QueuedItem[] {
    const { agingMs } = this.rules;
    if (agingMs != null) return this.#classes.inAgedOrder({ stepMs: agingMs, now });
    const items = [...this.#classes.values()].sort((a, b) => isTakenFirst(a, b) ? -1 : 1);
    const end = items.findIndex((item) => this.#storedBefore(item, isTakenFirst) !== undefined);
    return end === -1 ? items : items.slice(0, end);
  }

  /**
   * Decides on a new item from the dispatcher. A queued item stays reserved until `commit`. An item is claimed if
   * nothing is pending and a worker is free; then it may be started after `commit`.
   */
  admit(item: QueuedItem): Admission {
    for (const emptying of this.#emptyings) emptying.beforeId = Math.min(emptying.beforeId, item.id);
    const { pendingCount } = this;
    if (pendingCount === 0 && this.isTaking() && this.#mayClaim(item)) {
      this.#takeInHand(item);
      return { outcome: "claimed" };
    }
    let evicted: QueuedItem | null = null;
    if (pendingCount >= this.rules.maxQueueSize) {
      const found = this.#nextToEvict();
      // Who would leave is not known, so nobody does, and the item enters over the bound.
      if (found !== "unreadable") {
        if (found === undefined || found.priority >= item.priority) return { outcome: "queue_full" };
        evicted = found;
        this.#removePending(evicted);
      }
    }
    this.#classes.of(item).reserved.add(item);
    return { outcome: "queued", evicted };
  }

  /** The item's row is written. Unless it was evicted meanwhile, the item may now be taken, or started if claimed. */
  commit(item: QueuedItem): void {
    if (this.#claimed.has(item)) {
      this.#claimed.set(item, true);
      return this.onCommitted();
    }
    const itemClass = this.#classes.of(item);
    if (!itemClass.reserved.delete(item)) return;
    const isBehindTail = itemClass.storedCount > 0 && item.id > itemClass.readUpTo;
    if (isBehindTail || itemClass.heldCount >= this.#window) itemClass.addStored(item.id);
    else this.#hold(item);
    this.onCommitted();
  }

  /** Adds an item that a person put back, whose row is pending again. It skips admission and may exceed the limit. */
  restore(item: QueuedItem): void {
    if (this.#rows === null) this.#hold(item);
    else this.restoreRow(item);
  }

  /** The same with the row only, which is read in its turn. Call it only after emptied rows are discarded. */
  restoreRow({ id, priority, isDiscardable }: Place & ItemClassKey): void {
    this.#classes.of({ priority, isDiscardable }).addStored(id);
  }

  /** Removes the pending items up to `upToId`. The caller has to discard their rows. */
  empty(upToId = Infinity): Emptied {
    const held = [...this.#classes.values()].filter(({ id }) => id <= upToId);
    const ids = held.map(({ id }) => id).sort((a, b) => a - b);
    for (const item of held) this.#removePending(item);
    const tails = this.#classes.all.filter(({ storedCount }) => storedCount > 0)
      .map(({ priority, isDiscardable, readUpTo }) => ({ priority, isDiscardable, readUpTo }));
    const storedCount = this.#classes.all.reduce((sum, each) => sum + emptyTail(each, this.#rows, upToId), 0);
    const emptying = { beforeId: upToId + 1 };
    this.#emptyings.add(emptying);
    return { count: held.length + storedCount, chunks: this.#emptiedIds(emptying, ids, tails) };
  }

  /** Nothing can be claimed, whatever is next: a sync item is in progress, and `prefetch` is used up. */
  get isFull(): boolean {
    return this.#syncInHand > 0 && this.processingCount >= this.rules.prefetch;
  }

  /** Claims the next item, or returns null, and counts an attempt. Store it as `processing`, then call `confirmClaim`. */
  claim(moment: Moment): QueuedItem | null {
    if (this.isFull) return null;
    let item: QueuedItem | undefined;
    do {
      this.#releaseDue(moment);
      item = this.rules.agingMs == null
        ? this.#nextToTake()
        : this.#nextToTakeAged(this.rules.agingMs, moment);
      // A page may have brought waiting items, and some of them may be due.
    } while (this.#retries.hasUndated);
    if (!item || !this.#mayClaim(item)) return null;
    this.#removePending(item);
    this.#takeInHand(item);
    return item;
  }

  /** The claim is committed. The item may be started when it is next. */
  confirmClaim(item: QueuedItem): void {
    if (this.#claimed.has(item)) this.#claimed.set(item, true);
  }

  /** Starts the next claimed item, or returns null. Hand it to the worker, which begins it in its turn. */
  start(): QueuedItem | null {
    for (const [item, isConfirmed] of this.#claimed) {
      if (!isConfirmed) return null;
      this.#claimed.delete(item);
      this.#running.add(item);
      return item;
    }
    return null;
  }

  /** For an orderly stop: makes claims that were never started pending again, without a failure or a crash. */
  releaseClaims(): QueuedItem[] {
    const items = [...this.#claimed.keys()];
    this.#claimed.clear();
    for (const item of items) {
      this.#letGo(item);
      this.#hold(item);
    }
    return items;
  }

  /** A running item has begun a step, so it is never evicted from now on. `crashes` is its new count. */
  keep(item: QueuedItem, crashes: number): void {
    if (item.crashes > 0 && crashes === 0) this.#crashedInHand--;
    item.crashes = crashes;
    item.isDiscardable = false;
  }

  /** Ends an attempt and returns the item's new state. An item that is pending again is back in the queue. */
  settle(item: QueuedItem, ending: Outcome["kind"], moment: Moment, steps: StepsEnd = noSteps): Settlement {
    if (!this.#running.delete(item)) {
      throw new Error(`ServiceQueue.settle: item ${item.id} is not running`);
    }
    this.#letGo(item);
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
        if (item.crashes >= this.rules.maxCrashes && !steps.hasTakenCrash) return "failed";
        break;
      case "waiting":
        waitMs = steps.waitMs;
        break;
      case "released":
        break;
    }
    item.notBefore = waitMs === null ? null : moment.now + waitMs;
    this.#hold(item, waitMs === null ? null : moment.monotonic + waitMs);
    return "pending";
  }

  #takeInHand(item: QueuedItem): void {
    item.attempts++;
    item.notBefore = null;
    this.#claimed.set(item, false);
    if (!item.isAsync) this.#syncInHand++;
    if (item.crashes > 0) this.#crashedInHand++;
  }

  /** Call it before the item's `crashes` change. */
  #letGo(item: QueuedItem): void {
    if (!item.isAsync) this.#syncInHand--;
    if (item.crashes > 0) this.#crashedInHand--;
  }

  /** An item that has crashed is processed alone. */
  #mayClaim(item: QueuedItem): boolean {
    const inHand = this.processingCount;
    if (inHand === 0) return true;
    if (item.crashes > 0 || this.#crashedInHand > 0) return false;
    const { prefetch, maxConcurrency } = this.rules;
    if (this.#syncInHand > 0) return inHand < prefetch;
    return !item.isAsync || inHand < maxConcurrency + prefetch - 1;
  }

  /** Adds a pending item whose row is written. `dueAt` is by the monotonic clock, or null if unknown. */
  #hold(item: QueuedItem, dueAt: number | null = null): void {
    const itemClass = this.#classes.of(item);
    if (item.notBefore === null) return itemClass.ready.add(item);
    itemClass.waiting.add(item);
    this.#retries.add(item, dueAt);
  }

  #removePending(item: QueuedItem): void {
    this.#classes.of(item).delete(item);
    if (item.notBefore !== null) this.#retries.delete(item);
  }

  #releaseDue(moment: Moment): void {
    for (const item of this.#retries.takeDue(moment)) {
      const itemClass = this.#classes.of(item);
      itemClass.waiting.delete(item);
      itemClass.ready.add(item);
    }
  }

  /**
   * The item to be taken first. Reads the rows in the database that may come before it; undefined also if they cannot
   * be read at present.
   */
  #nextToTake(): QueuedItem | undefined {
    while (true) {
      const found = this.#classes.nextToTake();
      const stored = this.#storedBefore(found, isTakenFirst);
      if (stored === undefined) return found;
      if (!this.#readPage(stored)) return undefined;
    }
  }

  /** The same when items rise as they wait. It needs the oldest item of each class. */
  #nextToTakeAged(stepMs: number, { now }: Moment): QueuedItem | undefined {
    for (const itemClass of this.#classes.all) {
      const { ready } = itemClass;
      const mayBeOlder = () =>
        itemClass.storedCount > 0 && (ready.first?.id ?? Infinity) > itemClass.readUpTo;
      while (mayBeOlder()) if (!this.#readPage(itemClass)) return undefined;
    }
    return this.#classes.nextToTakeAged({ stepMs, now });
  }

  /** The same for the item to be evicted first. */
  #nextToEvict(): QueuedItem | "unreadable" | undefined {
    while (true) {
      const found = this.#classes.nextToEvict();
      const stored = this.#storedBefore(found, isEvictedFirst);
      if (stored === undefined) return found;
      if (!this.#readPage(stored)) return "unreadable";
    }
  }

  /** A class whose next stored row may come before this item. */
  #storedBefore(item: QueuedItem | undefined, comesFirst: typeof isTakenFirst): ItemClass | undefined {
    for (const itemClass of this.#classes.all) {
      const { storedCount, priority, readUpTo, isDiscardable } = itemClass;
      if (storedCount <= 0 || (comesFirst === isEvictedFirst && !isDiscardable)) continue;
      if (item === undefined || comesFirst({ priority, id: readUpTo + 1 }, item)) return itemClass;
    }
    return undefined;
  }

  /** Returns whether the rows could be read. */
  #readPage(itemClass: ItemClass): boolean {
    if (this.#rows === null) throw new Error("ServiceQueue: nothing is stored, so there is nothing to read");
    const limit = Math.min(this.#window, pageSize);
    const { priority, isDiscardable, readUpTo: afterId } = itemClass;
    const items = this.#rows.page({ priority, isDiscardable, afterId, limit });
    if (items === null) return false;
    const inHand = new Set([...this.#running, ...this.#claimed.keys()].map(({ id }) => id));
    for (const item of items) {
      itemClass.readUpTo = item.id;
      if (itemClass.has(item.id) || inHand.has(item.id)) continue;
      itemClass.storedCount--;
      this.#hold(item);
    }
    // The class has no more rows. If the count says otherwise, another program has changed rows.
    if (items.length < limit) itemClass.storedCount = Math.min(itemClass.storedCount, 0);
    return true;
  }

  *#emptiedIds(
    emptying: Emptying,
    ids: number[],
    tails: readonly (ItemClassKey & { readUpTo: number })[],
  ): Generator<readonly number[]> {
    for (let index = 0; index < ids.length; index += pageSize) yield ids.slice(index, index + pageSize);
    for (const { readUpTo, ...key } of tails) {
      let afterId = readUpTo;
      while (true) {
        const { beforeId } = emptying;
        const page = this.#rows?.ids({ ...key, afterId, beforeId, limit: pageSize }) ?? [];
        yield page.filter((id) => !this.#classes.of(key).has(id));
        if (page.length < pageSize) break;
        afterId = page.at(-1) as number;
      }
    }
    this.#emptyings.delete(emptying);
  }
}
