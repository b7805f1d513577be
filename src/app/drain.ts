/** Waits until the services have nothing left, but not for one that gets nowhere. */
import { type Clock, every } from "../clock.ts";
import type { HeldUp } from "../control.ts";
import type { Remaining, Services } from "./services.ts";

export interface DrainOptions {
  services: Services;
  clock: Clock;
}

/** Beyond the time that one item may take. */
const patienceMs = 30_000;
const lookEveryMs = 1_000;

export class Drain {
  readonly #options: DrainOptions;
  readonly #waiters = new Set<(heldUp: HeldUp[]) => void>();
  /** Of each service that is waited for: how far it had got, and since when. */
  readonly #progress = new Map<string, { ended: number; since: number }>();
  #stopTicking: (() => void) | null = null;
  #isStopped = false;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /**
   * Resolves when every service is done or stuck, and returns the stuck ones. A service is done when it has no items
   * left. It is stuck when no item of it has ended for its timeout and 30 seconds more.
   */
  wait(): Promise<HeldUp[]> {
    return new Promise((resolve) => {
      this.#waiters.add(resolve);
      this.#stopTicking ??= every(this.#options.clock, lookEveryMs, () => this.look());
      this.look();
    });
  }

  /** Looks whether the wait is over: after each change, and once a second. */
  look(): void {
    if (this.#waiters.size === 0) return;
    const left = this.#isStopped ? [] : this.#options.services.remaining();
    const heldUp = left.filter((service) => this.#standsStill(service));
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

  #standsStill({ slug, ended, timeoutMs, retryInMs }: Remaining): boolean {
    const now = this.#options.clock.monotonic();
    const longestMs = timeoutMs + patienceMs;
    const before = this.#progress.get(slug);
    // A retry that is further off is not waited for, nor one whose moment passes without the service.
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
