/**
 * Connects a service's queue to its runner: commits claims before it hands out items, and stores their outcomes
 * together with the events that they emitted. The runner knows neither the queue nor the database.
 */
import { cleanLine } from "../clean_text.ts";
import type { Clock } from "../clock.ts";
import type { LiveEvent } from "../event.ts";
import { failureText, plainFailure } from "../failure.ts";
import type { Emission, Outcome, QueuedItem } from "../item.ts";
import { t } from "../language.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import type { Pane } from "../pane.ts";
import type { StepAnswer, StepRequest } from "../step.ts";
import type { Moment } from "../queue/retries.ts";
import type { ServiceQueue } from "../queue/service_queue.ts";
import type { Feed, KeptValue, LiveChoice, SettledItem, StateScope, Work } from "../runner/feed.ts";
import type { ItemFolders } from "./item_folders.ts";
import type { ItemSteps } from "./item_steps.ts";
import type { IdleTimes, ReadingAnswer, ReadingQuery, SourceTimes } from "../reading_query.ts";
import type { ServiceReadings } from "./service_readings.ts";
import type { LiveAccess, LiveMeant } from "./live_access.ts";
import type { StoredState } from "./stored_state.ts";

export interface QueueFeedOptions {
  queue: ServiceQueue;
  log: OperationLog;
  /**
   * Runs `work` once, before the operations in `log` are committed. Operations that it adds are part of the same
   * transaction.
   */
  beforeCommit(work: () => void): void;
  clock: Clock;
  state: StoredState;
  /** Reads now, or, if the database is away, as soon as it is back. */
  whenReadable<Result>(read: () => Result): Result | Promise<Result>;
  steps: ItemSteps;
  folders: ItemFolders;
  lives: LiveAccess;
  /** Adds an event that an item emitted, in the same transaction as the item's completion. */
  emitFrom(cause: LiveEvent, emission: Emission): void;
  /** Adds an event that was emitted outside of an item. Throws a sentence for the author. */
  emit(source: string | null, emission: Emission): void;
  readings: ServiceReadings;
  show(pane: Pane): void;
  trouble(text: string | null): void;
  /** Tells the runner to ask again, because an item may be ready to start. */
  wake: () => void;
  /** An item is handed out. Returns its trace, if it has one. `at` is by the monotonic clock. */
  onStarted?: (item: QueuedItem, at: number) => string | undefined;
  /** An item has come back after `runMs` of work. */
  onSettled?: (item: QueuedItem, end: { outcome: Outcome["kind"]; at: number; runMs: number }) => void;
  /** An item ended for good. */
  onEnded: (item: QueuedItem, end: ItemEnd) => void;
  /** Called after each group of items that ended. */
  onChange: () => void;
}

export interface ItemEnd {
  status: "completed" | "failed";
  error: string | null;
  /** Whether the service crashed with the item. The service's log reports the crash. */
  isCrash: boolean;
  /** Whether it failed because a person has blocked its viewer. The service has nothing to do with that. */
  isBlocked: boolean;
}

/** Characters of an error, including its place in the service's code. */
const maxErrorLength = 5_000;

export class QueueFeed implements Feed {
  readonly #options: QueueFeedOptions;
  readonly #running = new Map<number, QueuedItem>();
  /** Items that ended because of their viewer, before the service got them. */
  readonly #blocked = new WeakSet<QueuedItem>();
  #isWaking = false;
  #cancelWake: (() => void) | null = null;
  #wakeAt: number | null = null;

  constructor(options: QueueFeedOptions) {
    this.#options = options;
    options.queue.onCommitted = () => this.#wake();
  }

  get maxConcurrency(): number {
    return this.#options.queue.rules.maxConcurrency;
  }

  /** Of the items that the worker has. */
  get runningIds(): number[] {
    return [...this.#running.keys()];
  }

  claim(): void {
    const { queue, log, clock } = this.#options;
    // Most wakes come while an item is in progress. The item's end will wake the feed again.
    if (queue.isFull) return;
    const moment = { now: clock.now(), monotonic: clock.monotonic() };
    const claimed: QueuedItem[] = [];
    for (let item = queue.claim(moment); item !== null; item = queue.claim(moment)) claimed.push(item);
    for (const { id, attempts } of claimed) {
      const isLast = id === claimed.at(-1)?.id;
      const operation = { kind: "claim_item", id, attempts, startedAt: moment.now } as const;
      log.add(operation, isLast ? () => this.#confirm(claimed) : undefined);
    }
    this.#wakeWhenDue();
  }

  /** The claims of one turn are in one transaction: only events can fill a batch, and none is among them. */
  #confirm(claimed: readonly QueuedItem[]): void {
    for (const item of claimed) this.#options.queue.confirmClaim(item);
    this.#wake();
  }

  next(): Work | null {
    const item = this.#startNext();
    if (item === null) return null;
    const trace = this.#options.onStarted?.(item, this.#options.clock.monotonic());
    return {
      event: item.event,
      item: {
        id: item.id,
        priority: item.priority,
        isAsync: item.isAsync,
        count: item.count,
        attempt: item.attempts,
        isFirstOfUser: isFirstOfUser(item),
        viewer: this.#options.lives.viewer(item.event),
        ...trace !== undefined && { trace },
      },
    };
  }

  /** Starts the next item whose viewer is not blocked. The items of a viewer who was blocked while they waited fail. */
  #startNext(): QueuedItem | null {
    const { queue, lives } = this.#options;
    for (let item = queue.start(); item !== null; item = queue.start()) {
      this.#running.set(item.id, item);
      if (!lives.isBlocked(item.event)) return item;
      this.#blocked.add(item);
      const failure = plainFailure(t`You have blocked this viewer, so no service gets the event.`);
      this.settle([{ itemId: item.id, outcome: { kind: "failed", failure }, runMs: 0 }]);
    }
    return null;
  }

  settle(items: readonly SettledItem[]): void {
    const { log, beforeCommit, clock, onChange, wake } = this.#options;
    const moment = { now: clock.now(), monotonic: clock.monotonic() };
    log.together(() => {
      for (const item of items) this.#end(item, moment);
    });
    // The claims of this turn follow its ends, in the same transaction.
    beforeCommit(wake);
    onChange();
  }

  /** Releases items that were claimed but never handed out. Call it when the runner has stopped. */
  stop(): void {
    this.#cancelWake?.();
    this.#options.readings.stop();
    for (const { id, attempts, failures, crashes } of this.#options.queue.releaseClaims()) {
      this.#options.log.add({
        kind: "release_item",
        id,
        attempts,
        failures,
        crashes,
        notBefore: null,
        error: null,
      });
    }
  }

  async step(request: StepRequest): Promise<StepAnswer> {
    const item = this.#running.get(request.itemId);
    if (item === undefined) throw new Error(`item ${request.itemId} has ended`);
    return await this.#options.steps.answer(item, request);
  }

  get steps(): ItemSteps {
    return this.#options.steps;
  }

  get folders(): ItemFolders {
    return this.#options.folders;
  }

  get folderPrefix(): string {
    return this.folders.prefix;
  }

  useFolder(itemId: number): void {
    this.folders.note(itemId);
  }

  endedItems(itemIds: readonly number[]): number[] {
    return itemIds.filter((itemId) => this.folders.hasEnded(itemId));
  }

  willFail(itemId: number): boolean {
    const { queue } = this.#options;
    return (this.#running.get(itemId)?.failures ?? 0) + 1 >= queue.rules.maxAttempts;
  }

  async emit(emission: Emission, choice: LiveChoice, keep?: KeptValue): Promise<void> {
    const { log, emitFrom, emit } = this.#options;
    const meant = this.#meant(choice);
    log.together(() => {
      if ("source" in meant) emit(meant.source, emission);
      else emitFrom(meant.event, emission);
      if (keep !== undefined) void this.#keep("service", keep, { source: null });
    });
    await log.flush();
  }

  /** What the service does with readings. */
  get reading(): ServiceReadings {
    return this.#options.readings;
  }

  readings(query: ReadingQuery): Promise<ReadingAnswer> {
    return this.#options.readings.query(query);
  }

  readingNews(idle: IdleTimes): Promise<SourceTimes> {
    return this.#options.readings.news(idle);
  }

  show(pane: Pane): void {
    this.#options.show(pane);
  }

  trouble(text: string | null): void {
    this.#options.trouble(text);
  }

  getState(scope: StateScope, key: string, choice: LiveChoice): unknown {
    const { state, lives, whenReadable } = this.#options;
    const owner = lives.owner(scope, this.#meant(choice));
    return whenReadable(() => state.get(owner, key));
  }

  async setState(scope: StateScope, key: string, value: unknown, choice: LiveChoice): Promise<void> {
    await this.#options.whenReadable(() => this.#keep(scope, { key, value }, choice));
  }

  totals(choice: LiveChoice): LiveTotals {
    return this.#options.lives.totals(this.#meant(choice));
  }

  top(count: number, choice: LiveChoice): TopUser[] | Promise<TopUser[]> {
    const { lives, whenReadable } = this.#options;
    const meant = this.#meant(choice);
    return whenReadable(() => lives.top(count, meant));
  }

  /** Adds the operation at once. Throws as `StoredState.set` does. */
  #keep(scope: StateScope, { key, value }: KeptValue, choice: LiveChoice): Promise<void> {
    const { state, lives } = this.#options;
    return state.set(lives.owner(scope, this.#meant(choice)), key, value);
  }

  /** An item that has ended in the meantime no longer selects its live. */
  #meant(choice: LiveChoice): LiveMeant {
    if ("source" in choice) return choice;
    const item = this.#running.get(choice.itemId);
    return item === undefined ? { source: null } : { event: item.event };
  }

  #end({ itemId, outcome, runMs }: SettledItem, moment: Moment): void {
    const { queue, log, steps, onSettled, onEnded, emitFrom } = this.#options;
    const item = this.#running.get(itemId);
    if (!item) throw new Error(`QueueFeed.settle: item ${itemId} was not handed out`);
    this.#running.delete(itemId);
    const isBlocked = this.#blocked.has(item);
    if (!isBlocked) onSettled?.(item, { outcome: outcome.kind, at: moment.monotonic, runMs });
    const { now } = moment;
    const error = "failure" in outcome ? cleanError(failureText(outcome.failure)) : null;
    const settlement = queue.settle(item, outcome.kind, moment, steps.end(item, outcome.kind));
    const { serviceId, id, attempts, failures, crashes, notBefore } = item;
    if (settlement === "pending") {
      log.add({ kind: "release_item", id, attempts, failures, crashes, notBefore, error });
      return;
    }
    const status = settlement;
    log.add({
      kind: "finish_item",
      serviceId,
      id,
      attempts,
      status,
      failures,
      crashes,
      finishedAt: now,
      error,
    });
    if (outcome.kind === "completed") {
      for (const emission of outcome.emitted) emitFrom(item.event, emission);
    }
    this.folders.remove(id);
    onEnded(item, {
      status,
      error,
      isCrash: outcome.kind === "crashed",
      isBlocked,
    });
  }

  /** Wakes the runner once per turn, so that items that became ready are claimed and posted together. */
  #wake(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    queueMicrotask(() => {
      this.#isWaking = false;
      this.#options.wake();
    });
  }

  /** One timer, for the earliest retry. */
  #wakeWhenDue(): void {
    const { queue, clock, wake } = this.#options;
    const dueAt = queue.nextDueAt;
    if (dueAt === this.#wakeAt) return;
    this.#cancelWake?.();
    this.#cancelWake = null;
    this.#wakeAt = dueAt;
    if (dueAt === null) return;
    this.#cancelWake = clock.after(dueAt - clock.monotonic(), () => {
      this.#wakeAt = null;
      this.#cancelWake = null;
      wake();
    });
  }
}

function isFirstOfUser({ event, count }: QueuedItem): boolean {
  return event.isFirstOfUser && (event.streak === null || event.streak.count === count);
}

/** A service may throw text that others sent it, so the error is cleaned like all text from others. */
function cleanError(error: string): string {
  return error.slice(0, maxErrorLength).split("\n").map(cleanLine).join("\n");
}
