/**
 * The items that are in a worker, and the progress of each as far as the main thread knows it. An item's time limit
 * starts when the worker begins the item. One timer watches all items.
 */
import { type Clock, Limit } from "../clock.ts";
import { plainFailure } from "../failure.ts";
import type { ItemView, Outcome } from "../item.ts";
import type { ServiceConfig } from "../service.ts";
import { longestWaitInPlaceMs, type StepAnswer, type StepRequest } from "../step.ts";
import type { Work } from "./feed.ts";
import type { Ledger } from "./ledger.ts";
import { Line } from "./line.ts";

export interface ItemInFlight {
  item: ItemView;
  eventType: string;
  /** Unix milliseconds, for display. */
  startedAt: number;
  /** How long the worker has been handling it, in milliseconds; 0 while it waits for its turn. */
  runMs: number;
}

export interface PostedItem extends Omit<ItemInFlight, "runMs"> {
  isAsync: boolean;
  /** Its place in the order of all items that this worker got, from 1. */
  place: number;
  /** When the worker began it, by the monotonic clock, as far as is known; null before its turn. */
  begin: number | null;
  /** What it does about its steps, by name. While it does anything, its own time limit does not count. */
  steps: Map<string, StepInFlight>;
  /** When it last came back from a step, by the monotonic clock; null if it never did. */
  outsideSince: number | null;
  /** Set when its time is up. From then on it has failed, whatever the worker answers. */
  timeoutError: string | null;
  /** Cancels the wait for an answer to its abort. */
  cancelWait: () => void;
}

interface StepInFlight {
  /** answering: the main thread has not answered yet. aborted: the step's time is up. waiting: before its next try. */
  state: "answering" | "running" | "aborted" | "waiting";
  /** By the monotonic clock. */
  dueAt: number;
}

export interface PostedItemsOptions {
  clock: Clock;
  service: Pick<ServiceConfig, "timeoutMs" | "wholeTimeoutMs">;
  /** The worker's ledger; null if the worker reports each start and each end at once. */
  ledger(): Ledger | null;
  /** Whether the way to the worker is interrupted, so that ends may be late. No time is up until it is open again. */
  isInterrupted(): boolean;
  /** The item's time is up. */
  onTimeout(posted: PostedItem): void;
  /** The time of one of its steps is up. The step has to answer this within a second. */
  onStepTimeout(posted: PostedItem, step: string): void;
  /** It did not. */
  onStepIgnored(posted: PostedItem, step: string): void;
}

/** When the items are looked at again after an interruption of the way to their worker. */
const lookAgainMs = 1000;

/** How long an item or a step may take to answer its abort. */
export const abortGraceMs = 1000;

export class PostedItems {
  readonly #options: PostedItemsOptions;
  readonly #items = new Map<number, PostedItem>();
  /** A copy of the worker's line. */
  readonly #line = new Line<PostedItem>();
  #lastPlace = 0;
  /** How many items the worker has reported as begun. */
  #reportedBegun = 0;
  #isHeld = false;
  #unansweredHolds = 0;
  #watch: Limit | null = null;

  constructor(options: PostedItemsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.size;
  }

  get maxConcurrency(): number {
    return this.#line.maxConcurrency;
  }

  has(itemId: number): boolean {
    return this.#items.has(itemId);
  }

  get(itemId: number): PostedItem | undefined {
    return this.#items.get(itemId);
  }

  /** A copy, in the order in which they were posted. */
  values(): PostedItem[] {
    return [...this.#items.values()];
  }

  /** `maxConcurrency` applies from now on to all items in the worker. */
  add(works: readonly Work[], maxConcurrency: number): void {
    const startedAt = this.#options.clock.now();
    this.#line.maxConcurrency = maxConcurrency;
    for (const { item, event } of works) {
      const posted: PostedItem = {
        item,
        isAsync: item.isAsync,
        eventType: event.type,
        startedAt,
        place: ++this.#lastPlace,
        begin: null,
        steps: new Map(),
        outsideSince: null,
        timeoutError: null,
        cancelWait: () => {},
      };
      this.#items.set(item.id, posted);
      this.#line.add(posted);
    }
    this.#advance();
    this.#watch ??= this.#watchFor(this.#options.service.timeoutMs);
  }

  /**
   * Removes an item that has ended or that the worker returned. Returns undefined if the worker does not have the item.
   */
  take(itemId: number): PostedItem | undefined {
    const posted = this.#items.get(itemId);
    if (posted === undefined) return undefined;
    this.#items.delete(itemId);
    posted.cancelWait();
    this.#line.leave(posted);
    if (this.#items.size === 0) this.stop();
    this.#advance();
    return posted;
  }

  /**
   * Set when the worker is told to hold or to go on. Until it confirms a hold it begins items: their time runs, and
   * their crashes count.
   */
  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    if (isHeld) this.#unansweredHolds++;
    else this.#line.isHeld = false;
    this.#advance();
  }

  /** The worker confirms a hold. */
  confirmHold(): void {
    if (this.#unansweredHolds > 0) this.#unansweredHolds--;
    if (this.#isHeld && this.#unansweredHolds === 0) this.#line.isHeld = true;
  }

  /** The worker reports that it began one more item. Returns false if it has none left to begin. */
  confirmBegin(): boolean {
    if (this.#options.ledger() !== null || this.#reportedBegun >= this.#lastPlace) return false;
    this.#reportedBegun++;
    return true;
  }

  /** Answers a request about a step. From the answer on, the limit of the step counts in place of its item's. */
  async duringStep(request: StepRequest, answer: () => Promise<StepAnswer>): Promise<StepAnswer> {
    const posted = this.#items.get(request.itemId);
    if (posted === undefined || request.kind === "show_step") return await answer();
    posted.steps.set(request.name, { state: "answering", dueAt: Infinity });
    let given: StepAnswer | null = null;
    try {
      given = await answer();
      return given;
    } finally {
      this.#noteAnswer(posted, request.name, given);
    }
  }

  #noteAnswer(posted: PostedItem, step: string, answer: StepAnswer | null): void {
    const { clock, service: { timeoutMs } } = this.#options;
    const now = clock.monotonic();
    if (answer?.kind === "run") {
      posted.steps.set(step, { state: "running", dueAt: now + answer.timeoutMs });
    } else if (answer?.kind === "wait" && answer.waitMs <= longestWaitInPlaceMs) {
      posted.steps.set(step, { state: "waiting", dueAt: now + answer.waitMs + timeoutMs });
    } else {
      posted.steps.delete(step);
      posted.outsideSince = now;
    }
    if (this.#items.size > 0) this.#watchNext();
  }

  /** The items that the worker is handling, as far as is known: begun, and not marked as ended in the ledger. */
  atWork(): Set<PostedItem> {
    const ledger = this.#options.ledger();
    // Read once, before the ends. Otherwise a worker that goes on meanwhile could seem to be handling two sync items.
    const begunCount = ledger?.begunCount ?? this.#reportedBegun;
    return new Set(this.values().filter(({ place }) => place <= begunCount && !ledger?.hasEnded(place)));
  }

  inFlight(): ItemInFlight[] {
    const now = this.#options.clock.monotonic();
    return this.values().map(({ item, eventType, startedAt, begin }) => {
      return { item, eventType, startedAt, runMs: begin === null ? 0 : now - begin };
    });
  }

  /** Stops the timer until an item is added. */
  stop(): void {
    this.#watch?.cancel();
    this.#watch = null;
  }

  /** Advances the line as the worker does by itself, which knows at least as much as the main thread. */
  #advance(): void {
    for (let next = this.#line.begin(); next !== null; next = this.#line.begin()) {
      next.begin = this.#options.clock.monotonic();
    }
  }

  #watchFor(limitMs: number): Limit {
    return new Limit({
      clock: this.#options.clock,
      limitMs,
      onAbsence: (absenceMs) => this.excludeAbsence(absenceMs),
      onOver: () => {
        this.#watch = null;
        this.#look();
      },
    });
  }

  /**
   * While the main thread was stopped, the worker usually was too, and while the way to it was interrupted, its
   * answers could not come. That time does not count for its items.
   */
  excludeAbsence(absenceMs: number): void {
    const now = this.#options.clock.monotonic();
    for (const posted of this.#items.values()) {
      if (posted.begin !== null) posted.begin = Math.min(now, posted.begin + absenceMs);
      if (posted.outsideSince !== null) posted.outsideSince = Math.min(now, posted.outsideSince + absenceMs);
      for (const step of posted.steps.values()) step.dueAt += absenceMs;
    }
  }

  /** Reports the items and steps whose time is up, and checks again when the next one's time would be up. */
  #look(): void {
    if (this.#options.isInterrupted()) {
      this.#watch = this.#watchFor(lookAgainMs);
      return;
    }
    const now = this.#options.clock.monotonic();
    for (const posted of this.#watched(now)) {
      if (this.#items.has(posted.item.id) && this.#dueAt(posted) <= now) this.#report(posted, now);
    }
    if (this.#items.size > 0) this.#watchNext();
  }

  #report(posted: PostedItem, now: number): void {
    const { onTimeout, onStepTimeout, onStepIgnored } = this.#options;
    const due = [...posted.steps].filter(([, { dueAt }]) => dueAt <= now);
    if (due.every(([, { state }]) => state === "waiting")) return onTimeout(posted);
    for (const [name, step] of due) {
      if (step.state === "aborted") return onStepIgnored(posted, name);
      if (step.state !== "running") continue;
      posted.steps.set(name, { state: "aborted", dueAt: now + abortGraceMs });
      onStepTimeout(posted, name);
    }
  }

  #watchNext(): void {
    const now = this.#options.clock.monotonic();
    const next = Math.min(...this.#watched(now).map((posted) => this.#dueAt(posted)));
    this.#watch?.cancel();
    this.#watch = this.#watchFor(Math.max(0, Math.min(this.#options.service.timeoutMs, next - now)));
  }

  /** The items whose time runs: begun, and neither ended nor timed out. */
  #watched(now: number): PostedItem[] {
    const ledger = this.#options.ledger();
    return this.values().filter((posted) => {
      if (posted.timeoutError !== null || ledger?.hasEnded(posted.place)) return false;
      // The worker began this item, but the end of an earlier one has not arrived: the worker has been stuck since.
      if (posted.begin === null && posted.place <= (ledger?.begunCount ?? this.#reportedBegun)) {
        posted.begin = now;
      }
      return posted.begin !== null;
    });
  }

  /** By the monotonic clock. */
  #dueAt({ steps, outsideSince, begin }: PostedItem): number {
    const { timeoutMs, wholeTimeoutMs } = this.#options.service;
    const wholeAt = (begin ?? 0) + (wholeTimeoutMs ?? Infinity);
    if (steps.size > 0) return Math.min(wholeAt, ...steps.values().map(({ dueAt }) => dueAt));
    return Math.min(wholeAt, (outsideSince ?? begin ?? 0) + timeoutMs);
  }
}

export function timedOut(sentence: string): Outcome {
  return { kind: "failed", failure: plainFailure(sentence) };
}
