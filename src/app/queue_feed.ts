/**
 * A service's queue as its runner sees it: claims are committed before anything is handed out, and what
 * becomes of a hand-out is stored. The runner knows nothing of the queue or the database.
 */
import { cleanLine } from "../clean_text.ts";
import type { Clock } from "../clock.ts";
import type { QueuedItem } from "../item.ts";
import type { ServiceQueue } from "../queue/service_queue.ts";
import { failureText } from "../failure.ts";
import type { Outcome } from "../item.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { Feed, StateScope, Work } from "../runner/feed.ts";
import type { OperationLog } from "../operation.ts";

/** What a service keeps, by scope and key; read at start, then served from memory. */
export interface ServiceState {
  get(scope: StateScope, key: string): unknown;
  set(scope: StateScope, key: string, value: unknown): Promise<void>;
}

export interface QueueFeedOptions {
  queue: ServiceQueue;
  log: OperationLog;
  clock: Clock;
  state: ServiceState;
  session: { totals(): LiveTotals; top(count: number): TopUser[] };
  /** Something may have become startable: the runner should ask again. */
  wake: () => void;
  /** An item was handed out; a hand-out ended, well or not. */
  onStarted?: (item: QueuedItem, now: number) => void;
  onSettled?: (now: number, runMs: number) => void;
  /** An item ended for good. */
  onEnded: (item: QueuedItem, end: ItemEnd) => void;
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
  readonly #running = new Map<number, { item: QueuedItem; startedAt: number }>();
  #cancelWake: (() => void) | null = null;
  #wakeAt: number | null = null;

  constructor(options: QueueFeedOptions) {
    this.#options = options;
    options.queue.onCommitted = options.wake;
  }

  next(): Work | null {
    const item = this.#options.queue.start();
    if (item === null) return null;
    const startedAt = this.#options.clock.now();
    this.#running.set(item.id, { item, startedAt });
    this.#options.onStarted?.(item, startedAt);
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

  settle(itemId: number, outcome: Outcome): void {
    const { queue, log, clock, onEnded } = this.#options;
    const running = this.#running.get(itemId);
    if (!running) throw new Error(`QueueFeed.settle: item ${itemId} was not handed out`);
    this.#running.delete(itemId);
    const { item, startedAt } = running;
    const now = clock.now();
    this.#options.onSettled?.(now, now - startedAt);
    const error = "failure" in outcome ? cleanError(failureText(outcome.failure)) : null;
    const settlement = queue.settle(item, outcome.kind, now);
    const { id, attempts, failures, crashes, notBefore } = item;
    if (settlement === "pending") {
      log.add({ kind: "release_item", id, attempts, failures, crashes, notBefore, error });
    } else {
      const status = settlement;
      log.add({ kind: "finish_item", id, attempts, status, failures, crashes, finishedAt: now, error });
      onEnded(item, { status, error, isCrash: outcome.kind === "crashed" });
    }
    this.#options.wake();
  }

  /** Gives back what was claimed but never handed out; call it when the runner has stopped. */
  close(): void {
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

  emit(): Promise<void> {
    return Promise.reject(new Error("nothing can be emitted yet"));
  }

  show(): void {}

  getState(scope: StateScope, key: string): unknown {
    return this.#options.state.get(scope, key);
  }

  setState(scope: StateScope, key: string, value: unknown): Promise<void> {
    return this.#options.state.set(scope, key, value);
  }

  totals(): LiveTotals {
    return this.#options.session.totals();
  }

  top(count: number): TopUser[] {
    return this.#options.session.top(count);
  }

  claim(): void {
    const { queue, log, clock, wake } = this.#options;
    const now = clock.now();
    for (let item = queue.claim(now); item !== null; item = queue.claim(now)) {
      const claimed = item;
      log.add({ kind: "claim_item", id: claimed.id, attempts: claimed.attempts, startedAt: now }, () => {
        queue.confirmClaim(claimed);
        wake();
      });
    }
    this.#wakeWhenDue();
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
    this.#cancelWake = clock.after(dueAt - clock.now(), () => {
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
