/**
 * The items that are in a worker, and how far it is with each, as far as is known. The time limit of an item starts when
 * the worker begins it. One timer watches them all.
 */
import { type Clock, Limit } from "../clock.ts";
import { plainFailure } from "../failure.ts";
import type { ItemView, Outcome } from "../item.ts";
import type { Work } from "./feed.ts";
import type { Ledger } from "./ledger.ts";
import { Line } from "./line.ts";

export interface ItemInFlight {
  item: ItemView;
  eventType: string;
  /** Unix milliseconds, for display. */
  startedAt: number;
  /** How long the worker has been at it, in milliseconds; 0 where it waits for its turn. */
  runMs: number;
}

export interface PostedItem extends Omit<ItemInFlight, "runMs"> {
  isAsync: boolean;
  /** Its place in the order of all that this worker got, from 1. */
  place: number;
  /** When the worker began it, by the monotonic clock, as far as is known; null where its turn has not come. */
  begin: number | null;
  /** Set once its time is up: whatever it answers now, it has failed. */
  timeoutError: string | null;
  /** Ends the wait for an answer to its abort. */
  cancelWait: () => void;
}

export interface PostedItemsOptions {
  clock: Clock;
  timeoutMs: number;
  /** The worker's; null where it tells of each begin and each end at once. */
  ledger(): Ledger | null;
  /** The item's time is up. */
  onTimeout(posted: PostedItem): void;
}

export class PostedItems {
  readonly #options: PostedItemsOptions;
  readonly #items = new Map<number, PostedItem>();
  /** As the worker's own. */
  readonly #line = new Line<PostedItem>();
  #lastPlace = 0;
  /** How many the worker has told that it has begun. */
  #toldBegun = 0;
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

  /** In the order in which they were posted; a copy. */
  values(): PostedItem[] {
    return [...this.#items.values()];
  }

  /** `maxConcurrency` holds from now on, for all that is in the worker. */
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
        timeoutError: null,
        cancelWait: () => {},
      };
      this.#items.set(item.id, posted);
      this.#line.add(posted);
    }
    this.#moveOn();
    this.#watch ??= this.#watchFor(this.#options.timeoutMs);
  }

  /** Takes an item out that has ended, or that the worker has given back; undefined where it is not there. */
  take(itemId: number): PostedItem | undefined {
    const posted = this.#items.get(itemId);
    if (posted === undefined) return undefined;
    this.#items.delete(itemId);
    posted.cancelWait();
    this.#line.leave(posted);
    if (this.#items.size === 0) this.stop();
    this.#moveOn();
    return posted;
  }

  /** What the worker is told now. Until it has heard of a hold it begins items, whose time runs and whose crashes count. */
  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    if (isHeld) this.#unansweredHolds++;
    else this.#line.isHeld = false;
    this.#moveOn();
  }

  /** The worker has heard of a hold. */
  confirmHold(): void {
    if (this.#unansweredHolds > 0) this.#unansweredHolds--;
    if (this.#isHeld && this.#unansweredHolds === 0) this.#line.isHeld = true;
  }

  /** The worker tells that it has begun one more; returns whether there is one. */
  confirmBegin(): boolean {
    if (this.#options.ledger() !== null || this.#toldBegun >= this.#lastPlace) return false;
    this.#toldBegun++;
    return true;
  }

  /** Those that the worker is in, as far as is known: each has begun, and has not ended unheard. */
  atWork(): Set<PostedItem> {
    const ledger = this.#options.ledger();
    // Asked once, and first: a worker that goes on meanwhile is never taken to be in two sync items.
    const begunCount = ledger?.begunCount ?? this.#toldBegun;
    return new Set(this.values().filter(({ place }) => place <= begunCount && !ledger?.hasEnded(place)));
  }

  inFlight(): ItemInFlight[] {
    const now = this.#options.clock.monotonic();
    return this.values().map(({ item, eventType, startedAt, begin }) => {
      return { item, eventType, startedAt, runMs: begin === null ? 0 : now - begin };
    });
  }

  /** Watches nothing any more, until more is added. */
  stop(): void {
    this.#watch?.cancel();
    this.#watch = null;
  }

  /** What the worker begins by itself, since it has heard no less than this. */
  #moveOn(): void {
    for (let next = this.#line.begin(); next !== null; next = this.#line.begin()) {
      next.begin = this.#options.clock.monotonic();
    }
  }

  #watchFor(limitMs: number): Limit {
    return new Limit({
      clock: this.#options.clock,
      limitMs,
      onAbsence: (absenceMs) => this.#leaveOut(absenceMs),
      onOver: () => {
        this.#watch = null;
        this.#look();
      },
    });
  }

  /** While this thread was stopped the worker mostly was, too: that is no time of its items. */
  #leaveOut(absenceMs: number): void {
    const now = this.#options.clock.monotonic();
    for (const posted of this.#items.values()) {
      if (posted.begin !== null) posted.begin = Math.min(now, posted.begin + absenceMs);
    }
  }

  /** Tells of those whose time is up, and looks again when the next one's would be. */
  #look(): void {
    const { clock, timeoutMs, onTimeout } = this.#options;
    const ledger = this.#options.ledger();
    const now = clock.monotonic();
    let waitMs = timeoutMs;
    for (const posted of this.values()) {
      if (posted.timeoutError !== null || ledger?.hasEnded(posted.place)) continue;
      // The end of one before it has not been heard: the worker has been stuck since.
      if (posted.begin === null && posted.place <= (ledger?.begunCount ?? this.#toldBegun)) {
        posted.begin = now;
      }
      if (posted.begin === null) continue;
      const leftMs = posted.begin + timeoutMs - now;
      if (leftMs > 0) waitMs = Math.min(waitMs, leftMs);
      else onTimeout(posted);
    }
    if (this.#items.size > 0) this.#watch ??= this.#watchFor(waitMs);
  }
}

export function timedOut(sentence: string): Outcome {
  return { kind: "failed", failure: plainFailure(sentence) };
}
