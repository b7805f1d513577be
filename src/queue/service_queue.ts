/**
 * One service's queue: who gets in when it is full (admission), who is handed out next, and what becomes
 * of a hand-out that failed.
 *
 * An item is in one place at a time:
 *
 *   admit ──▶ reserved ──commit──▶ ready ──claim──▶ claimed ──start──▶ running ──settle──▶ out
 *     │            │                ▲  waiting (a retry's backoff) ◀──────────────┘
 *     │            └─▶ stored ──────┘                  ▲
 *     └── nothing is pending, and a worker is free ────┘
 *
 * Reserved, stored, ready and waiting items are *pending*: they count against the bound and may be evicted.
 * Claimed and running items do not count and are never evicted. Stored items are in the database alone: what
 * is too many for memory, until its turn is near (see `item_class.ts`). Running items are with the worker, which begins
 * them in their order.
 */
import { backoffMs } from "../backoff.ts";
import type { Outcome, QueuedItem } from "../item.ts";
import { type ItemClass, ItemClasses, type ItemClassKey, type PendingRows } from "./item_class.ts";
import { longestBackoffMs, Retries } from "./retries.ts";

export interface QueueRules {
  /** Pending items at most. */
  maxQueueSize: number;
  /** Async items running at once at most. */
  maxConcurrency: number;
  /** Items claimed at a time, ahead of their turn: those beside a sync one, or behind all async ones that run. 1: none. */
  prefetch: number;
  /** Failures after which an item is failed for good. */
  maxAttempts: number;
  /** Crashes after which an item is failed for good. */
  maxCrashes: number;
  /** Before the first retry; doubles with each failure. */
  backoffMs: number;
  /** For so long an item waits until it rises by one priority; null or left out: none ever rises. */
  agingMs?: number | null;
}

export interface QueueOptions {
  /** Without it all of the queue is in memory. */
  rows?: PendingRows;
  /** Items of one class held in memory before others are left in the database. Default 10,000: some 15 MB. */
  window?: number | undefined;
}

/** When something happens: wall time is for rows, waits run by the monotonic clock. Both are milliseconds. */
export interface Moment {
  now: number;
  monotonic: number;
}

export type Admission =
  /** It is to be stored as `processing`: it was claimed at once. */
  | { outcome: "claimed" }
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

const defaultWindow = 10_000;
/** Rows read at a time: 2 ms, and still a short turn where they lie on a slow disk. */
const pageSize = 200;

const isTakenFirst = (a: Place, b: Place) =>
  a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;
const isEvictedFirst = (a: Place, b: Place) =>
  a.priority !== b.priority ? a.priority < b.priority : a.id < b.id;

export class ServiceQueue {
  rules: QueueRules;
  /** Called when an item may be taken, or handed out. */
  onCommitted: () => void = () => {};
  /** Whether an item that is admitted now may be claimed in the same step: a worker is there to take it. */
  isTaking: () => boolean = () => false;
  readonly #rows: PendingRows | null;
  readonly #window: number;
  readonly #classes = new ItemClasses();
  /** The waiting items. */
  readonly #retries = new Retries();
  readonly #emptyings = new Set<Emptying>();
  /** In the order in which they were claimed, with whether the claim is committed. */
  readonly #claimed = new Map<QueuedItem, boolean>();
  readonly #running = new Set<QueuedItem>();
  /** Of the claimed and running items. */
  #syncInHand = 0;
  #crashedInHand = 0;

  constructor(rules: QueueRules, { rows, window = defaultWindow }: QueueOptions = {}) {
    this.rules = rules;
    this.#rows = rows ?? null;
    this.#window = rows === undefined ? Infinity : window;
  }

  /** Takes up what is pending in the database. Once, before anything is admitted. */
  async load(): Promise<void> {
    for (const { count, ...key } of await this.#rows?.counts() ?? []) {
      this.#classes.of(key).storedCount += count;
    }
    this.#nextToTake();
  }

  get pendingCount(): number {
    return this.#classes.count;
  }

  /** Claimed and running: what the database calls `processing`. */
  get processingCount(): number {
    return this.#claimed.size + this.#running.size;
  }

  /** When the next waiting item may be taken, by the monotonic clock; null where none waits. */
  get nextDueAt(): number | null {
    return this.#retries.nextAt;
  }

  /** The pending items that would be taken next, in their order, as far as they are in memory; a copy. `now`: Unix ms. */
  pendingItems(now: number): QueuedItem[] {
    const { agingMs } = this.rules;
    if (agingMs != null) return this.#classes.inAgedOrder({ stepMs: agingMs, now });
    const items = [...this.#classes.values()].sort((a, b) => isTakenFirst(a, b) ? -1 : 1);
    const end = items.findIndex((item) => this.#storedBefore(item, isTakenFirst) !== undefined);
    return end === -1 ? items : items.slice(0, end);
  }

  /**
   * Decides on the dispatcher's new item. Where it is queued it stays reserved until `commit`; where it is claimed,
   * because nothing is before it and a worker is free, it may be started after `commit`.
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
      evicted = this.#nextToEvict() ?? null;
      if (evicted === null || evicted.priority >= item.priority) return { outcome: "queue_full" };
      this.#removePending(evicted);
    }
    this.#classes.of(item).reserved.add(item);
    return { outcome: "queued", evicted };
  }

  /** The item's row is in the database: it may be taken, or started where it was claimed, unless it was evicted meanwhile. */
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

  /** Brings back an item that a person put back, and whose row is pending: passes no admission, may exceed the bound. */
  restore(item: QueuedItem): void {
    if (this.#rows === null) this.#hold(item);
    else this.restoreRow(item);
  }

  /** The same by its row alone: the item is read when its turn comes. Not before what was emptied is discarded. */
  restoreRow({ id, priority, isDiscardable }: Place & ItemClassKey): void {
    this.#classes.of({ priority, isDiscardable }).addStored(id);
  }

  /** Forgets at once all that is pending; its rows are for the caller to discard. What comes from now on is kept. */
  empty(): Emptied {
    const count = this.pendingCount;
    const held = [...this.#classes.values()];
    const ids = held.map(({ id }) => id).sort((a, b) => a - b);
    const tails = this.#classes.all.filter(({ storedCount }) => storedCount > 0)
      .map(({ priority, isDiscardable, readUpTo }) => ({ priority, isDiscardable, readUpTo }));
    for (const item of held) this.#removePending(item);
    for (const itemClass of this.#classes.all) itemClass.storedCount = Math.min(0, itemClass.storedCount);
    const emptying = { beforeId: Infinity };
    this.#emptyings.add(emptying);
    return { count, chunks: this.#emptiedIds(emptying, ids, tails) };
  }

  /** Nothing can be claimed, whatever is next: a sync item is in hand, and as many as may be claimed ahead of it. */
  get isFull(): boolean {
    return this.#syncInHand > 0 && this.processingCount >= this.rules.prefetch;
  }

  /** The next item to be marked `processing`, or null. Counts an attempt. Follow with `confirmClaim`. */
  claim(moment: Moment): QueuedItem | null {
    if (this.isFull) return null;
    let item: QueuedItem | undefined;
    do {
      this.#releaseDue(moment);
      item = this.rules.agingMs == null
        ? this.#nextToTake()
        : this.#nextToTakeAged(this.rules.agingMs, moment);
      // A page may have brought some that wait, and of these some may be due.
    } while (this.#retries.hasUndated);
    if (!item || !this.#mayClaim(item)) return null;
    this.#removePending(item);
    this.#takeInHand(item);
    return item;
  }

  /** The claim is committed: the item may be started in its turn. */
  confirmClaim(item: QueuedItem): void {
    if (this.#claimed.has(item)) this.#claimed.set(item, true);
  }

  /** The next claimed item that may be handed to the worker, which begins it in its turn; or null. */
  start(): QueuedItem | null {
    for (const [item, isConfirmed] of this.#claimed) {
      if (!isConfirmed) return null;
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
    for (const item of items) {
      this.#letGo(item);
      this.#hold(item);
    }
    return items;
  }

  /** Ends a hand-out and says what the item is now; what is pending again is back in the queue. */
  settle(item: QueuedItem, ending: Outcome["kind"], { now, monotonic }: Moment): Settlement {
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
        if (item.crashes >= this.rules.maxCrashes) return "failed";
        break;
      case "released":
        break;
    }
    item.notBefore = waitMs === null ? null : now + waitMs;
    this.#hold(item, waitMs === null ? null : monotonic + waitMs);
    return "pending";
  }

  #takeInHand(item: QueuedItem): void {
    item.attempts++;
    item.notBefore = null;
    this.#claimed.set(item, false);
    if (!item.isAsync) this.#syncInHand++;
    if (item.crashes > 0) this.#crashedInHand++;
  }

  /** Call it before the item's counts change. */
  #letGo(item: QueuedItem): void {
    if (!item.isAsync) this.#syncInHand--;
    if (item.crashes > 0) this.#crashedInHand--;
  }

  /** A crashed item is in hand alone. */
  #mayClaim(item: QueuedItem): boolean {
    const inHand = this.processingCount;
    if (inHand === 0) return true;
    if (item.crashes > 0 || this.#crashedInHand > 0) return false;
    const { prefetch, maxConcurrency } = this.rules;
    if (this.#syncInHand > 0) return inHand < prefetch;
    return !item.isAsync || inHand < maxConcurrency + prefetch - 1;
  }

  /** Its row is written, and it is pending. `dueAt` by the monotonic clock, where it is known. */
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

  /** The item to be taken first, after reading whatever in the database may come before it. */
  #nextToTake(): QueuedItem | undefined {
    while (true) {
      const found = this.#classes.nextToTake();
      const stored = this.#storedBefore(found, isTakenFirst);
      if (stored === undefined) return found;
      this.#readPage(stored);
    }
  }

  /** The same where items rise as they wait: of each class the oldest has to be known. */
  #nextToTakeAged(stepMs: number, { now }: Moment): QueuedItem | undefined {
    for (const itemClass of this.#classes.all) {
      const { ready } = itemClass;
      const mayBeOlder = () =>
        itemClass.storedCount > 0 && (ready.first?.id ?? Infinity) > itemClass.readUpTo;
      while (mayBeOlder()) this.#readPage(itemClass);
    }
    return this.#classes.nextToTakeAged({ stepMs, now });
  }

  /** The same for the item to be evicted first. */
  #nextToEvict(): QueuedItem | undefined {
    while (true) {
      const found = this.#classes.nextToEvict();
      const stored = this.#storedBefore(found, isEvictedFirst);
      if (stored === undefined) return found;
      this.#readPage(stored);
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

  #readPage(itemClass: ItemClass): void {
    if (this.#rows === null) throw new Error("ServiceQueue: nothing is stored, so there is nothing to read");
    const limit = Math.min(this.#window, pageSize);
    const { priority, isDiscardable, readUpTo: afterId } = itemClass;
    const items = this.#rows.page({ priority, isDiscardable, afterId, limit });
    const inHand = new Set([...this.#running, ...this.#claimed.keys()].map(({ id }) => id));
    for (const item of items) {
      itemClass.readUpTo = item.id;
      if (itemClass.has(item.id) || inHand.has(item.id)) continue;
      itemClass.storedCount--;
      this.#hold(item);
    }
    // There are no more, whatever was counted: another program has changed rows.
    if (items.length < limit) itemClass.storedCount = Math.min(itemClass.storedCount, 0);
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
