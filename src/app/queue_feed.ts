/**
 * A service's queue as its runner sees it: claims are committed before anything is handed out, and what becomes of
 * a hand-out is stored, with what it emitted. The runner knows nothing of the queue or the database.
 */
import { cleanLine } from "../clean_text.ts";
import type { Clock } from "../clock.ts";
import type { LiveEvent } from "../event.ts";
import { failureText } from "../failure.ts";
import type { Emission, QueuedItem } from "../item.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import type { Pane } from "../pane.ts";
import type { Moment, ServiceQueue } from "../queue/service_queue.ts";
import type { Feed, LiveChoice, SettledItem, StateScope, Work } from "../runner/feed.ts";
import type { LiveAccess, LiveMeant } from "./live_access.ts";
import type { StoredState } from "./stored_state.ts";

export interface QueueFeedOptions {
  queue: ServiceQueue;
  log: OperationLog;
  /** Runs `work` once, before what was added to `log` is committed: what it adds is in the same transaction. */
  beforeCommit(work: () => void): void;
  clock: Clock;
  state: StoredState;
  lives: LiveAccess;
  /** What an item emitted, as a part of its completion. */
  emitFrom(cause: LiveEvent, emission: Emission): void;
  /** Outside of an item; resolves when it is committed. */
  emit(source: string | null, emission: Emission): Promise<void>;
  show(pane: Pane): void;
  /** Something may have become startable: the runner should ask again. */
  wake: () => void;
  /** An item was handed out; a hand-out ended, well or not, after `runMs` of work. `at` is by the monotonic clock. */
  onStarted?: (item: QueuedItem, at: number) => void;
  onSettled?: (end: { at: number; runMs: number }) => void;
  /** An item ended for good. */
  onEnded: (item: QueuedItem, end: ItemEnd) => void;
  /** After each group of hand-outs that ended. */
  onChange: () => void;
}

export interface ItemEnd {
  status: "completed" | "failed";
  error: string | null;
  /** The service went down with it, which is told of the service. */
  isCrash: boolean;
}

/** Characters of an error, with the place in the service's code. */
const maxErrorLength = 5_000;

export class QueueFeed implements Feed {
  readonly #options: QueueFeedOptions;
  readonly #running = new Map<number, QueuedItem>();
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

  claim(): void {
    const { queue, log, clock } = this.#options;
    // Most wakes come while an item is in hand; its end will wake again.
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

  /** In one transaction, whatever the size of a batch: they are claimed within one turn, and no event is among them. */
  #confirm(claimed: readonly QueuedItem[]): void {
    for (const item of claimed) this.#options.queue.confirmClaim(item);
    this.#wake();
  }

  next(): Work | null {
    const item = this.#options.queue.start();
    if (item === null) return null;
    this.#running.set(item.id, item);
    this.#options.onStarted?.(item, this.#options.clock.monotonic());
    return {
      event: item.event,
      item: {
        id: item.id,
        priority: item.priority,
        isAsync: item.isAsync,
        count: item.count,
        attempt: item.attempts,
        isFirstOfUser: isFirstOfUser(item),
      },
    };
  }

  settle(items: readonly SettledItem[]): void {
    const { log, beforeCommit, clock, onChange, wake } = this.#options;
    const moment = { now: clock.now(), monotonic: clock.monotonic() };
    log.together(() => {
      for (const item of items) this.#end(item, moment);
    });
    // Claims of one turn stand together behind its ends: they are one statement each, and one transaction.
    beforeCommit(wake);
    onChange();
  }

  /** Gives back what was claimed but never handed out; call it when the runner has stopped. */
  stop(): void {
    this.#cancelWake?.();
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

  emit(emission: Emission, choice: LiveChoice): Promise<void> {
    const { log, emitFrom, emit } = this.#options;
    const meant = this.#meant(choice);
    if ("source" in meant) return emit(meant.source, emission);
    log.together(() => emitFrom(meant.event, emission));
    return log.flush();
  }

  show(pane: Pane): void {
    this.#options.show(pane);
  }

  getState(scope: StateScope, key: string, choice: LiveChoice): unknown {
    const { state, lives } = this.#options;
    return state.get(lives.owner(scope, this.#meant(choice)), key);
  }

  setState(scope: StateScope, key: string, value: unknown, choice: LiveChoice): Promise<void> {
    const { state, lives } = this.#options;
    return state.set(lives.owner(scope, this.#meant(choice)), key, value);
  }

  totals(choice: LiveChoice): LiveTotals {
    return this.#options.lives.totals(this.#meant(choice));
  }

  top(count: number, choice: LiveChoice): TopUser[] {
    return this.#options.lives.top(count, this.#meant(choice));
  }

  /** An item that has ended meanwhile means no live any more. */
  #meant(choice: LiveChoice): LiveMeant {
    if ("source" in choice) return choice;
    const item = this.#running.get(choice.itemId);
    return item === undefined ? { source: null } : { event: item.event };
  }

  #end({ itemId, outcome, runMs }: SettledItem, moment: Moment): void {
    const { queue, log, onSettled, onEnded, emitFrom } = this.#options;
    const item = this.#running.get(itemId);
    if (!item) throw new Error(`QueueFeed.settle: item ${itemId} was not handed out`);
    this.#running.delete(itemId);
    onSettled?.({ at: moment.monotonic, runMs });
    const { now } = moment;
    const error = "failure" in outcome ? cleanError(failureText(outcome.failure)) : null;
    const settlement = queue.settle(item, outcome.kind, moment);
    const { id, attempts, failures, crashes, notBefore } = item;
    if (settlement === "pending") {
      log.add({ kind: "release_item", id, attempts, failures, crashes, notBefore, error });
      return;
    }
    const status = settlement;
    log.add({ kind: "finish_item", id, attempts, status, failures, crashes, finishedAt: now, error });
    if (outcome.kind === "completed") {
      for (const emission of outcome.emitted) emitFrom(item.event, emission);
    }
    onEnded(item, { status, error, isCrash: outcome.kind === "crashed" });
  }

  /** Once for all that is committed in this turn: what it lets go on is claimed and posted together. */
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

/** A service may throw what others sent it: it is stored, logged and shown as all text of others is. */
function cleanError(error: string): string {
  return error.slice(0, maxErrorLength).split("\n").map(cleanLine).join("\n");
}
