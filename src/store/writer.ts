/**
 * Group commit. What is added in one turn of the event loop is written in one transaction at its end.
 * Invariants: operations are written once, in the order added (of inserts in a row, events before items); a
 * callback runs only after its operation is on disk; a batch that fails is rolled back and written again exactly as it was, before anything newer;
 * what belongs to an event (added after it, before the next event) is in the event's own transaction.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { clearImmediate, setImmediate } from "node:timers";
import { backoffMs } from "../backoff.ts";
import { type Clock, lookOutside } from "../clock.ts";
import { UserError } from "../user_error.ts";
import type { Operation } from "../operation.ts";
import type { OwnFile } from "./own_file.ts";
import { type BoundOperation, Statements } from "./statements.ts";
import { breaksCheck, troubleSentence } from "./trouble.ts";

export interface WriterOptions {
  clock: Clock;
  /** Looked at before each commit; without it nobody watches the file. */
  file?: OwnFile;
  /** Events in one transaction at most; default 500. */
  batchSize?: number | undefined;
  /** Nothing can be written just now: a sentence for a person, once and when the reason changes. It is tried again. */
  onTrouble?: (sentence: string, error: unknown) => void;
  /** Once: a row breaks the rules of its table, as no row that Livecue wrote does. */
  onBrokenRow?: () => void;
  /** Writing works again after a trouble. */
  onRecovered?: () => void;
  /** A batch that can never be written, or a callback that threw. Default: throws it. The writer has stopped. */
  onBug?: ((error: Error) => void) | undefined;
}

interface Entry extends BoundOperation {
  onCommitted: (() => void) | undefined;
  /** A batch may end before it: it is an event, or the first of what is to be written together. */
  mayStartBatch: boolean;
}

/** `entry`: at which it failed; null at the commit. */
type Failure = { error: unknown; entry: Entry | null };

interface Waiter {
  /** How many operations must be committed. */
  upTo: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

const defaultBatchSize = 500;
const retry = { firstMs: 100, longestMs: 5_000 };
/** How long a stop tries to write in a trouble, and between two of its tries at most. */
const defaultStoppingMs = 2_000;
const stoppingRetryMs = 500;
/** After a commit that took so long, as on a slow disk, the next one waits until the runtime has looked at its sockets. */
const longCommitMs = 25;

export class Writer {
  readonly #database: DatabaseSync;
  readonly #options: WriterOptions;
  readonly #batchSize: number;
  readonly #statements: Statements;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;

  /** A batch that failed, to be written again; empty otherwise. */
  #failed: Entry[] = [];
  #waiting: Entry[] = [];
  #waitingEvents = 0;
  #added = 0;
  #committed = 0;
  #waiters: Waiter[] = [];
  readonly #beforeCommit = new Set<() => void>();

  #immediate: ReturnType<typeof setImmediate> | null = null;
  #cancelRest: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;
  #tries = 0;
  /** While it stops: until when it tries, by the monotonic clock. */
  #stopsBy: number | null = null;
  #trouble: string | null = null;
  #hasToldBrokenRow = false;
  #isRunningCallbacks = false;
  /** How many of `together` are under way. */
  #groups = 0;
  /** Why nothing more is accepted. */
  #stopped: Error | null = null;
  #stopping: Promise<void> | null = null;

  /** The connection stays its opener's, who closes it after `stop`. */
  constructor(database: DatabaseSync, options: WriterOptions) {
    this.#database = database;
    this.#options = options;
    this.#batchSize = options.batchSize ?? defaultBatchSize;
    this.#statements = new Statements(database);
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
  }

  /** False while a batch cannot be written: take in nothing more than must be. */
  get isHealthy(): boolean {
    return this.#trouble === null && this.#stopped === null;
  }

  /** Why a batch cannot be written just now, as a whole sentence; null where all is well. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Operations added and not yet committed. */
  get backlog(): number {
    return this.#added - this.#committed;
  }

  /**
   * Queues an operation for the end of this turn; its values are taken now. An event too many for the batch
   * first commits what waits, with its callbacks. Callbacks run in order and may add (to the next batch).
   * Throws a `TypeError` where a state's value is not JSON, and once the writer has stopped.
   */
  add(operation: Operation, onCommitted?: () => void): void {
    const isEvent = operation.kind === "insert_event";
    const mayStartBatch = isEvent && this.#groups === 0;
    if (mayStartBatch && this.#waitingEvents >= this.#batchSize) this.#commitAhead();
    if (this.#stopped !== null) {
      throw new Error("The database's writer has stopped.", { cause: this.#stopped });
    }

    const { name, values } = this.#statements.bind(operation);
    this.#waiting.push({ operation, name, values, onCommitted, mayStartBatch });
    if (isEvent) this.#waitingEvents += 1;
    this.#added += 1;
    this.#schedule();
  }

  /** What was added and is not committed, in order: for whoever saves it elsewhere. */
  unwritten(): readonly BoundOperation[] {
    return [...this.#failed, ...this.#waiting];
  }

  /** Ids of the items that are pending no more, whose rows wait to say so. */
  leavingItems(): Set<number> {
    const ids = new Set<number>();
    for (const entries of [this.#failed, this.#waiting]) {
      for (const { operation } of entries) {
        if (operation.kind === "discard_item" || operation.kind === "set_aside_item") ids.add(operation.id);
      }
    }
    return ids;
  }

  /** What `work` adds is committed in one transaction, whatever the size of a batch. */
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

  /** Runs `work` once, before what waits now is committed: what it adds is in the same transaction. */
  beforeCommit(work: () => void): void {
    this.#beforeCommit.add(work);
    this.#schedule();
  }

  /** Resolves when all added so far is committed and its callbacks have run, however long a trouble lasts. */
  flush(): Promise<void> {
    if (this.#stopped !== null && this.backlog > 0) return Promise.reject(this.#stopped);
    if (this.backlog === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ upTo: this.#added, resolve, reject }));
  }

  /**
   * Commits what waits, also what callbacks add meanwhile, and stops. In a trouble it tries for so long, and throws a
   * `UserError` that says how much could not be written: see `unwritten`.
   */
  stop(limitMs = defaultStoppingMs): Promise<void> {
    this.#stopping ??= this.#commitAll(limitMs);
    return this.#stopping;
  }

  /** Tries once to commit what waits, at once, and stops: for whoever cannot wait. */
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
    if (this.#immediate !== null || this.#cancelRetry !== null || this.#cancelRest !== null) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = null;
      this.#commitBatch();
    });
  }

  #commitAhead(): void {
    // In a callback the order of callbacks would break, in a trouble the retry's turn is first.
    if (this.#isRunningCallbacks || this.#trouble !== null) return;
    this.#commitBatch();
  }

  #commitBatch(): void {
    if (this.#stopped !== null) return;
    this.#prepareCommit();
    const batch = this.#failed.length > 0 ? this.#failed : this.#takeBatch();
    if (batch.length === 0) return;

    const begunAt = this.#options.clock.monotonic();
    const failure = this.#write(batch);
    if (this.#options.clock.monotonic() - begunAt >= longCommitMs) this.#rest();
    if (failure !== null) return this.#handleFailure(batch, failure);
    this.#options.file?.committed(batch.length);
    this.#failed = [];
    this.#tries = 0;
    this.#committed += batch.length;
    this.#recover();
    this.#runCallbacks(batch);
    if (this.#stopped !== null) return;
    this.#resolveWaiters();
    if (this.#waiting.length > 0) this.#schedule();
  }

  #rest(): void {
    this.#cancelRest ??= lookOutside(() => {
      this.#cancelRest = null;
      if (this.backlog > 0) this.#schedule();
    });
  }

  #prepareCommit(): void {
    for (const work of this.#beforeCommit) {
      this.#beforeCommit.delete(work);
      work();
    }
  }

  /** Everything waiting, up to the event that would be one too many. */
  #takeBatch(): Entry[] {
    const waiting = this.#waiting;
    if (this.#waitingEvents <= this.#batchSize) {
      this.#waiting = [];
      this.#waitingEvents = 0;
      return waiting;
    }
    // Up to the last place where a batch may end before it has an event too many.
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

  /** An UPDATE that breaks a CHECK meets a row that another program changed. It is written all the same, and told. */
  #write(batch: Entry[]): Failure | null {
    const failure = this.#tryWriting(batch);
    const isUpdate = failure?.entry?.operation.kind.startsWith("insert_") === false;
    if (!isUpdate || !breaksCheck(failure?.error)) return failure;
    if (!this.#hasToldBrokenRow) this.#options.onBrokenRow?.();
    this.#hasToldBrokenRow = true;
    this.#database.exec("PRAGMA ignore_check_constraints = ON");
    try {
      return this.#tryWriting(batch);
    } finally {
      this.#database.exec("PRAGMA ignore_check_constraints = OFF");
    }
  }

  #tryWriting(batch: Entry[]): Failure | null {
    let current: Entry | null = null;
    try {
      this.#options.file?.check();
      this.#begin.run();
      for (let index = 0; index < batch.length;) {
        current = batch[index] as Entry;
        index += this.#statements.write(batch, index);
      }
      current = null;
      this.#options.file?.mark();
      this.#commit.run();
      return null;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.#database.isTransaction) this.#rollback.run();
      return { error, entry: current };
    }
  }

  #handleFailure(batch: Entry[], { error, entry }: Failure): void {
    this.#failed = batch;
    const sentence = troubleSentence(error);
    if (sentence === null) {
      const what = entry === null ? "A batch" : `${entry.operation.kind} (${entry.values.join(", ")})`;
      const why = error instanceof Error ? error.message : String(error);
      return this.#stopOnBug(new Error(`${what} could not be written: ${why}`, { cause: error }));
    }
    this.#tries += 1;
    const waitMs = this.#waitBeforeRetry();
    if (waitMs <= 0) return this.#refuseMore(new UserError(sentence, { cause: error }));
    this.#cancelRetry = this.#options.clock.after(
      waitMs,
      () => {
        this.#cancelRetry = null;
        this.#commitBatch();
      },
    );
    if (sentence === this.#trouble) return;
    this.#trouble = sentence;
    this.#options.onTrouble?.(sentence, error);
  }

  /** Milliseconds; none are left where a stop has tried for as long as it may. */
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
    this.#cancelRest?.();
    this.#cancelRest = null;
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(reason);
  }
}
