/** Waits until the services have no items left, but not for a service that makes no progress. */
import { type Clock, every } from "../clock.ts";
import type { HeldUp } from "../control.ts";
import type { Remaining, Services } from "./services.ts";

export interface DrainOptions {
  services: Services;
  clock: Clock;
}

/** Added to the time limit of one item. */
const patienceMs = 30_000;
const checkEveryMs = 1_000;

export class Drain {
  readonly #options: DrainOptions;
  readonly #waiters = new Set<(heldUp: HeldUp[]) => void>();
  /** The progress of each service that is waited for, and the time of its last progress. */
  readonly #progress = new Map<string, { ended: number; since: number }>();
  #stopTicking: (() => void) | null = null;
  #isStopped = false;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /**
   * Resolves when every service is done or stuck, and returns the stuck ones. A service is done when it has no items
   * left. It is stuck when none of its items has ended for its timeout plus 30 seconds.
   */
  wait(): Promise<HeldUp[]> {
    return new Promise((resolve) => {
      this.#waiters.add(resolve);
      this.#stopTicking ??= every(this.#options.clock, checkEveryMs, () => this.look());
      this.look();
    });
  }

  /** Checks whether the wait is over. Called after each change, and once per second. */
  look(): void {
    if (this.#waiters.size === 0) return;
    const left = this.#isStopped ? [] : this.#options.services.remaining();
    const heldUp = left.filter((service) => this.#isStuck(service));
    if (heldUp.length < left.length) return;
    this.#finish(heldUp.map(({ slug, pending, processing }) => ({
      slug,
      pending,
      inFlight: processing,
      forMs: this.#options.clock.monotonic() - (this.#progress.get(slug)?.since ?? 0),
    })));
  }

  /** Ends all waits at once. */
  stop(): void {
    this.#isStopped = true;
    this.look();
  }

  #isStuck({ slug, ended, timeoutMs, retryInMs }: Remaining): boolean {
    const now = this.#options.clock.monotonic();
    const longestMs = timeoutMs + patienceMs;
    const before = this.#progress.get(slug);
    // Does not wait for a retry that is later than that, or for one that is overdue.
    const waitsForRetry = retryInMs !== null && retryInMs > 0 && retryInMs <= longestMs;
    if (before === undefined || before.ended !== ended || waitsForRetry) {
      this.#progress.set(slug, { ended, since: now });
      return false;
    }
    return now - before.since >= longestMs;
  }

  #finish(heldUp: HeldUp[]): void {
    this.#stopTicking?.();
    this.#stopTicking = null;
    this.#progress.clear();
    for (const resolve of this.#waiters) resolve(heldUp);
    this.#waiters.clear();
  }
}
