/**
 * Group commit: all operations added in one turn of the event loop are written in one transaction at its end. A
 * database that answers later gets several batches, one after the other; further operations wait until one is done,
 * so that a slow database gets larger batches.
 * Invariants: operations are written once, in order (but in a run of inserts, events before items); a callback runs
 * only after its operation is stored; a batch that fails is rolled back and retried unchanged, before anything
 * newer; operations added after an event and before the next one are in the event's transaction. A single operation
 * that the database refuses is left out, and its callback runs with those of its batch.
 */
import { clearImmediate, setImmediate } from "node:timers";
import { backoffMs } from "../backoff.ts";
import { type Clock, lookOutside } from "../clock.ts";
import { UserError } from "../user_error.ts";
import type { Operation } from "../operation.ts";
import type { Database, WriteFailure } from "./database.ts";
import { type Batch, type Entry, type Refusal, Refusals, withoutRefused } from "./refused_entries.ts";
import { bind, type BoundOperation } from "./statements.ts";

export interface WriterOptions {
  clock: Clock;
  /** The most events in one transaction; default 500. */
  batchSize?: number | undefined;
  /** Writing fails and is retried. Called with a sentence for a person, once and whenever the reason changes. */
  onTrouble?: (sentence: string, error: unknown) => void;
  /** Called after each commit, before the callbacks of its operations. */
  onCommitted?: ((operations: readonly BoundOperation[], tookMs: number) => void) | undefined;
  /** The operation cannot be stored, and is left out. Called once for each kind of operation and each reason. */
  onRefused?: ((refusal: Refusal) => void) | undefined;
  /** Writing works again. */
  onRecovered?: () => void;
  /** A batch can never be written, or a callback threw. The writer has stopped. Default: throws the error. */
  onBug?: ((error: Error) => void) | undefined;
}

/** A batch on its way to the database. */
interface SentBatch extends Batch {
  /** By the monotonic clock. */
  sentAt: number;
}

interface Waiter {
  /** The number of committed operations to wait for. */
  upTo: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

const defaultBatchSize = 500;
const retry = { firstMs: 100, longestMs: 5_000 };
/** How long a stop retries a failing write, and the longest wait between two tries. */
const defaultStoppingMs = 2_000;
const stoppingRetryMs = 500;
/** After a commit this slow, the next one waits until the runtime has polled its sockets. */
const longCommitMs = 25;

export type WritableDatabase = Pick<Database, "write" | "batchesAtOnce" | "troubleOf" | "away">;

export class Writer {
  readonly #database: WritableDatabase;
  readonly #options: WriterOptions;
  readonly #batchSize: number;

  /** Batches that will be retried, the oldest first. */
  #failed: Batch[] = [];
  /** Batches whose end is not known yet, the oldest first. */
  #sent: SentBatch[] = [];
  #waiting: Entry[] = [];
  #waitingEvents = 0;
  #added = 0;
  #committed = 0;
  #waiters: Waiter[] = [];
  readonly #beforeCommit = new Set<() => void>();

  #immediate: ReturnType<typeof setImmediate> | null = null;
  #cancelPause: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;
  #tries = 0;
  /** The end of retries during a stop, by the monotonic clock. */
  #stopsBy: number | null = null;
  #trouble: string | null = null;
  readonly #refusals: Refusals;
  #isRunningCallbacks = false;
  /** How many calls of `together` are running. */
  #groups = 0;
  /** Why the writer has stopped; null while it accepts operations. */
  #stopped: Error | null = null;
  #stopping: Promise<void> | null = null;

  /** The caller owns the database and closes it after `stop`. */
  constructor(database: WritableDatabase, options: WriterOptions) {
    this.#database = database;
    this.#options = options;
    this.#batchSize = options.batchSize ?? defaultBatchSize;
    this.#refusals = new Refusals(options.onRefused);
  }

  /** False while writes fail: then add as little as possible. */
  get isHealthy(): boolean {
    return this.trouble === null && this.#stopped === null;
  }

  /** Why writes fail at present, as a sentence; null if they work. */
  get trouble(): string | null {
    return this.#trouble ?? this.#database.away;
  }

  /** The number of operations that are added but not committed. */
  get backlog(): number {
    return this.#added - this.#committed;
  }

  /**
   * Queues an operation for the end of this turn, with its present values. If an event would exceed the batch size,
   * the waiting operations are committed first, and their callbacks run. Callbacks run in order and may add
   * operations to the next batch. Throws a `TypeError` if a state's value is not JSON, and an `Error` after the
   * writer has stopped.
   */
  add(operation: Operation, onCommitted?: () => void): void {
    const isEvent = operation.kind === "insert_event";
    const mayStartBatch = isEvent && this.#groups === 0;
    if (mayStartBatch && this.#waitingEvents >= this.#batchSize) this.#commitAhead();
    if (this.#stopped !== null) throw new Error("The database writer has stopped.", { cause: this.#stopped });

    const { name, values } = bind(operation);
    this.#waiting.push({ operation, name, values, onCommitted, mayStartBatch, isRefused: false });
    if (isEvent) this.#waitingEvents += 1;
    this.#added += 1;
    this.#schedule();
  }

  /** Operations that are added but not committed, in order, so that they can be saved elsewhere. */
  unwritten(): readonly BoundOperation[] {
    return this.#uncommitted.flat();
  }

  get #uncommitted(): readonly Entry[][] {
    return [...this.#sent, ...this.#failed, { entries: this.#waiting }].map(({ entries }) => entries);
  }

  /** Ids of items that are no longer pending, but whose rows are not updated yet. */
  leavingItems(): Set<number> {
    const ids = new Set<number>();
    for (const entries of this.#uncommitted) {
      for (const { operation } of entries) {
        if (operation.kind === "discard_item" || operation.kind === "set_aside_item") ids.add(operation.id);
      }
    }
    return ids;
  }

  /** Commits all operations that `work` adds in one transaction, regardless of the batch size. */
  together(work: () => void): void {
    const isOutermost = this.#groups === 0;
    if (isOutermost && this.#waitingEvents >= this.#batchSize) this.#commitAhead();
    const start = this.#waiting.length;
    this.#groups++;
    try {
      work();
    } finally {
      this.#groups--;
      const first = this.#waiting[start];
      if (isOutermost && first !== undefined) first.mayStartBatch = true;
    }
  }

  /** Runs `work` once, before the next commit. The operations that it adds are in the same transaction. */
  beforeCommit(work: () => void): void {
    this.#beforeCommit.add(work);
    this.#schedule();
  }

  /** Resolves when everything added so far is committed and its callbacks have run, however long that takes. */
  flush(): Promise<void> {
    if (this.#stopped !== null && this.backlog > 0) return Promise.reject(this.#stopped);
    if (this.backlog === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ upTo: this.#added, resolve, reject }));
  }

  /**
   * Commits everything that waits, including what callbacks add, and stops. Retries failing writes for `limitMs`,
   * then throws a `UserError` with the reason; `unwritten` has the rest.
   */
  stop(limitMs = defaultStoppingMs): Promise<void> {
    this.#stopping ??= this.#commitAll(limitMs);
    return this.#stopping;
  }

  /** Tries once to commit everything that waits, and stops: for callers that cannot wait. */
  stopNow(): void {
    if (this.#stopped !== null) return;
    this.#stopping ??= Promise.resolve();
    this.#stopsBy = -Infinity;
    this.#retryNow();
    let before = Infinity;
    while (this.backlog > 0 && this.backlog < before && this.#stopped === null) {
      before = this.backlog;
      this.#commitBatch();
    }
    this.#refuseMore(new Error("It was stopped."));
  }

  async #commitAll(limitMs: number): Promise<void> {
    this.#stopsBy = this.#options.clock.monotonic() + limitMs;
    if (this.#trouble !== null) this.#retryNow();
    try {
      while (this.backlog > 0) await this.flush();
    } finally {
      this.#refuseMore(new Error("It was stopped."));
    }
  }

  #schedule(): void {
    if (this.#immediate !== null || this.#cancelRetry !== null || this.#cancelPause !== null) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = null;
      this.#commitBatch();
    });
  }

  #commitAhead(): void {
    // Inside a callback it would break the order of callbacks, and a failed batch must be retried first.
    if (this.#isRunningCallbacks || this.#trouble !== null) return;
    this.#commitBatch();
  }

  #commitBatch(): void {
    while (this.#stopped === null && this.#sent.length < this.#database.batchesAtOnce) {
      this.#prepareCommit();
      const { entries, isSingly } = this.#failed.shift() ?? { entries: this.#takeBatch(), isSingly: false };
      if (entries.length === 0) return;
      const batch = { entries, isSingly, sentAt: this.#options.clock.monotonic() };
      this.#sent.push(batch);
      const wanted = isSingly ? entries.filter(({ isRefused }) => !isRefused) : entries;
      const written = this.#database.write(wanted, isSingly);
      if (!(written instanceof Promise)) return this.#end(batch, written);
      written.then((failure) => this.#end(batch, failure));
    }
  }

  #end(batch: SentBatch, failure: WriteFailure | null): void {
    // A batch after one that failed was not written either, and is retried with it.
    if (this.#sent[0] !== batch) return;
    const { clock, onCommitted } = this.#options;
    const tookMs = clock.monotonic() - batch.sentAt;
    if (failure !== null) return this.#handleFailure(failure);
    const { entries } = batch;
    if (tookMs >= longCommitMs && this.#database.batchesAtOnce === 1) this.#pause();
    onCommitted?.(entries, tookMs);
    this.#sent.shift();
    this.#tries = 0;
    this.#committed += entries.length;
    this.#recover();
    this.#runCallbacks(entries);
    if (this.#stopped !== null) return;
    this.#resolveWaiters();
    if (this.#waiting.length > 0 || this.#failed.length > 0) this.#schedule();
  }

  #pause(): void {
    this.#cancelPause ??= lookOutside(() => {
      this.#cancelPause = null;
      if (this.backlog > 0) this.#schedule();
    });
  }

  #prepareCommit(): void {
    for (const work of this.#beforeCommit) {
      this.#beforeCommit.delete(work);
      work();
    }
  }

  /** Takes the waiting entries, up to the batch size. */
  #takeBatch(): Entry[] {
    const waiting = this.#waiting;
    if (this.#waitingEvents <= this.#batchSize) {
      this.#waiting = [];
      this.#waitingEvents = 0;
      return waiting;
    }
    // A batch ends at the first allowed place after it is full.
    let end = waiting.length;
    let events = 0;
    for (const [index, { operation, mayStartBatch }] of waiting.entries()) {
      if (mayStartBatch && index > 0 && events >= this.#batchSize) {
        end = index;
        break;
      }
      if (operation.kind === "insert_event") events += 1;
    }
    this.#waiting = waiting.slice(end);
    this.#waitingEvents -= events;
    return waiting.slice(0, end);
  }

  #handleFailure(failure: WriteFailure): void {
    const { error, entry } = failure;
    this.#failed = [...this.#sent, ...this.#failed];
    this.#sent = [];
    if (failure.isRefusal === true && entry !== null) return this.#isolate({ ...failure, entry });
    const sentence = this.#database.troubleOf(error);
    if (sentence === null) {
      const what = entry === null ? "A batch" : `${entry.operation.kind} (${entry.values.join(", ")})`;
      const why = error instanceof Error ? error.message : String(error);
      return this.#stopOnBug(new Error(`${what} could not be written: ${why}`, { cause: error }));
    }
    this.#tries += 1;
    const waitMs = this.#waitBeforeRetry();
    if (waitMs <= 0) return this.#refuseMore(new UserError(sentence, { cause: error }));
    this.#cancelRetry = this.#options.clock.after(waitMs, () => {
      this.#cancelRetry = null;
      this.#commitBatch();
    });
    if (sentence === this.#trouble) return;
    this.#trouble = sentence;
    this.#options.onTrouble?.(sentence, error);
  }

  #isolate(failure: Refusal): void {
    const [batch, ...rest] = this.#failed as [Batch, ...Batch[]];
    this.#failed = [...withoutRefused(batch, failure, this.#refusals), ...rest];
    this.#schedule();
  }

  /** Milliseconds; 0 or less if a stop has no time left to retry. */
  #waitBeforeRetry(): number {
    const waitMs = backoffMs(this.#tries, retry);
    if (this.#stopsBy === null) return waitMs;
    return Math.min(waitMs, stoppingRetryMs, this.#stopsBy - this.#options.clock.monotonic());
  }

  #retryNow(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#tries = 0;
    this.#schedule();
  }

  #recover(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#options.onRecovered?.();
  }

  #runCallbacks(batch: Entry[]): void {
    this.#isRunningCallbacks = true;
    try {
      for (const { onCommitted } of batch) onCommitted?.();
    } catch (error) {
      this.#stopOnBug(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#isRunningCallbacks = false;
    }
  }

  #resolveWaiters(): void {
    const isDone = ({ upTo }: Waiter) => upTo <= this.#committed;
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { resolve } of done) resolve();
  }

  #stopOnBug(error: Error): void {
    this.#refuseMore(error);
    if (this.#options.onBug === undefined) throw error;
    this.#options.onBug(error);
  }

  #refuseMore(reason: Error): void {
    this.#stopped ??= reason;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#cancelPause?.();
    this.#cancelPause = null;
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(reason);
  }
}
