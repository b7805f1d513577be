/**
 * One service's queue: who gets in when it is full (admission), who is handed out next, and what becomes
 * of a hand-out that failed.
 *
 * An item is in one place at a time:
 *
 *   admit ──▶ reserved ──commit──▶ ready ──claim──▶ claimed ──start──▶ running ──settle──▶ out
 *                                   ▲  waiting (a retry's backoff) ◀──────────────┘
 *
 * Reserved, ready and waiting items are *pending*: they count against the bound and may be evicted.
 * Claimed and running items do not count and are never evicted.
 */
import { PriorityHeap } from "./priority_heap.ts";
import type { Outcome, QueuedItem } from "../item.ts";

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

export type Admission =
  | { outcome: "queued"; evicted: QueuedItem | null }
  | { outcome: "queue_full" };

export type Settlement = "completed" | "failed" | "pending";

/** However often an item has failed, a retry waits no longer. */
const maxBackoffMs = 5 * 60_000;

const isTakenFirst = (a: QueuedItem, b: QueuedItem) =>
  a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;
const isEvictedFirst = (a: QueuedItem, b: QueuedItem) =>
  a.priority !== b.priority ? a.priority < b.priority : a.id < b.id;
const isDueFirst = (a: QueuedItem, b: QueuedItem) =>
  a.notBefore !== b.notBefore ? (a.notBefore ?? 0) < (b.notBefore ?? 0) : a.id < b.id;

export class ServiceQueue {
  rules: QueueRules;
  /** Called when a new item may be taken. */
  onCommitted: () => void = () => {};
  readonly #pending = new Set<QueuedItem>();
  readonly #ready = new PriorityHeap(isTakenFirst);
  readonly #waiting = new PriorityHeap(isDueFirst);
  readonly #evictable = new PriorityHeap(isEvictedFirst);
  /** In the order in which they were claimed, with whether the claim is committed. */
  readonly #claimed = new Map<QueuedItem, boolean>();
  readonly #running = new Set<QueuedItem>();

  constructor(rules: QueueRules) {
    this.rules = rules;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Claimed and running: what the database calls `processing`. */
  get processingCount(): number {
    return this.#claimed.size + this.#running.size;
  }

  /** When the next waiting item may be taken, Unix milliseconds; null where none waits. */
  get nextDueAt(): number | null {
    return this.#waiting.peek()?.notBefore ?? null;
  }

  /** Pending items in the order in which they would be taken; a copy. */
  pendingItems(): QueuedItem[] {
    return [...this.#pending].sort((a, b) => isTakenFirst(a, b) ? -1 : 1);
  }

  /** Decides on the dispatcher's new item. Where it is queued it stays reserved until `commit`. */
  admit(item: QueuedItem): Admission {
    let evicted: QueuedItem | null = null;
    if (this.#pending.size >= this.rules.maxQueueSize) {
      evicted = this.#evictable.peek() ?? null;
      if (evicted === null || evicted.priority >= item.priority) return { outcome: "queue_full" };
      this.#removePending(evicted);
    }
    this.#addPending(item);
    return { outcome: "queued", evicted };
  }

  /** The item's row is in the database: it may be taken, unless it was evicted meanwhile. */
  commit(item: QueuedItem): void {
    if (!this.#pending.has(item)) return;
    this.#makeTakeable(item);
    this.onCommitted();
  }

  /** Brings back an item whose row is pending (a start, a retry, a person's hand): passes no admission, may exceed the bound. */
  restore(item: QueuedItem): void {
    this.#addPending(item);
    this.#makeTakeable(item);
  }

  /** Discards what a person empties; returns it, oldest first. */
  empty(): QueuedItem[] {
    const items = [...this.#pending].sort((a, b) => a.id - b.id);
    for (const item of items) this.#removePending(item);
    return items;
  }

  /** The next item to be marked `processing`, or null. Counts an attempt. Follow with `confirmClaim`. */
  claim(now: number): QueuedItem | null {
    for (let due = this.#waiting.peek(); due && (due.notBefore ?? 0) <= now; due = this.#waiting.peek()) {
      this.#waiting.delete(due);
      this.#ready.push(due);
    }
    const item = this.#ready.peek();
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
    for (const item of items) this.restore(item);
    return items;
  }

  /** Ends a hand-out and says what the item is now; what is pending again is back in the queue. */
  settle(item: QueuedItem, ending: Outcome["kind"], now: number): Settlement {
    if (!this.#running.delete(item)) {
      throw new Error(`ServiceQueue.settle: item ${item.id} is not running`);
    }
    switch (ending) {
      case "completed":
        return "completed";
      case "failed":
        item.failures++;
        if (item.failures >= this.rules.maxAttempts) return "failed";
        item.notBefore = now + Math.min(maxBackoffMs, this.rules.backoffMs * 2 ** (item.failures - 1));
        break;
      case "crashed":
        item.crashes++;
        if (item.crashes >= this.rules.maxCrashes) return "failed";
        break;
      case "released":
        break;
    }
    this.restore(item);
    return "pending";
  }

  #mayClaim(item: QueuedItem): boolean {
    const held = [...this.#running, ...this.#claimed.keys()];
    if (held.some((other) => !other.isAsync)) {
      return item.crashes === 0 && held.every((other) => other.crashes === 0) &&
        held.length < this.rules.prefetch;
    }
    return this.#mayRunBeside(item, held);
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
    this.#pending.add(item);
    if (item.isDiscardable) this.#evictable.push(item);
  }

  #makeTakeable(item: QueuedItem): void {
    (item.notBefore === null ? this.#ready : this.#waiting).push(item);
  }

  #removePending(item: QueuedItem): void {
    this.#pending.delete(item);
    this.#evictable.delete(item);
    if (!this.#ready.delete(item)) this.#waiting.delete(item);
  }
}
