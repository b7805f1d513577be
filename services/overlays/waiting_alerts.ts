/**
 * The alerts that nobody has shown yet, each with an item that ends when a page has. It ends at once where no
 * page shows such alerts, when so many wait that one must go, and when Livecue stops; nothing can make it wait for
 * ever.
 */
import type { OverlayEvent } from "./messages.ts";
import { type Aging, aging, asOfNow } from "./recent.ts";

/** A page that shows alerts: of these types, null for all; of the live of this source, null for all lives. */
export interface AlertPage {
  readonly types: readonly string[] | null;
  readonly source: string | null;
}

export interface WaitingAlertsOptions {
  /** How many may wait. */
  max: number;
  /** How long a page may be gone, as in a reload, until its alerts wait for it no longer. */
  reconnectMs: number;
  /** Whether pages of this source are told of the event. */
  isFor(source: string | null, event: OverlayEvent): boolean;
  /** One was given up, since too many wait or a page holds it for too long. */
  onGivenUp(): void;
}

interface WaitingAlert extends Aging {
  end(): void;
}

/** A page that is open but shows nothing: frozen, or on a computer that sleeps. Below the example's `timeout_ms`. */
const longestWaitMs = 150_000;

export class WaitingAlerts {
  readonly #options: WaitingAlertsOptions;
  /** By item, oldest first. */
  readonly #waiting = new Map<number, WaitingAlert>();
  readonly #open = new Set<AlertPage>();
  /** Gone a moment ago, with the timers of their return. */
  readonly #expected = new Map<AlertPage, ReturnType<typeof setTimeout>>();
  #isStopped = false;

  constructor(options: WaitingAlertsOptions) {
    this.#options = options;
  }

  get openPages(): AlertPage[] {
    return [...this.#open];
  }

  /** Those of a page's types, oldest first. */
  for(page: AlertPage): OverlayEvent[] {
    return [...this.#waiting.values()].filter(({ event }) => this.#isFor(page, event)).map(asOfNow);
  }

  /** Resolves when the alert has been shown or need not be; rejects when the signal aborts. */
  add(event: OverlayEvent, signal: AbortSignal): Promise<void> {
    if (!this.#isWanted(event)) return Promise.resolve();
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
        this.#waiting.delete(event.id);
      };
      const end = () => {
        leave();
        resolve();
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        end();
        this.#options.onGivenUp();
      }, longestWaitMs);
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.set(event.id, { ...aging(event), end });
      this.#makeRoom();
    });
  }

  /** A page has shown it. What is not known, or was shown by another page, does no harm. */
  end(id: number): void {
    this.#waiting.get(id)?.end();
  }

  open(page: AlertPage): void {
    this.#open.add(page);
  }

  close(page: AlertPage): void {
    if (this.#open.delete(page)) this.expect(page);
  }

  /** Alerts wait for it for a moment, though it is not open. */
  expect(page: AlertPage): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#expected.delete(page);
      for (const { event, end } of [...this.#waiting.values()]) if (!this.#isWanted(event)) end();
    }, this.#options.reconnectMs);
    this.#expected.set(page, timer);
  }

  /** All are done, and so is what still comes: pages have them in their own queues, and show them without Livecue. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#expected.values()) clearTimeout(timer);
    this.#expected.clear();
    for (const { end } of [...this.#waiting.values()]) end();
  }

  #isWanted(event: OverlayEvent): boolean {
    return !this.#isStopped &&
      [...this.#open, ...this.#expected.keys()].some((page) => this.#isFor(page, event));
  }

  #isFor({ types, source }: AlertPage, event: OverlayEvent): boolean {
    return (types === null || types.includes(event.type)) && this.#options.isFor(source, event);
  }

  /** The first to go is one whose streak has a later one: the alert is shown nevertheless. */
  #makeRoom(): void {
    const { max, onGivenUp } = this.#options;
    while (this.#waiting.size > max) {
      const all = [...this.#waiting.values()];
      const superseded = all.find(({ event }, index) => hasLater(event, all.slice(index + 1)));
      if (superseded === undefined) onGivenUp();
      (superseded ?? leastOf(all)).end();
    }
  }
}

function hasLater({ streakId }: OverlayEvent, later: WaitingAlert[]): boolean {
  return streakId !== null && later.some(({ event }) => event.streakId === streakId);
}

/** Of least worth; the oldest among equals. */
function leastOf(all: WaitingAlert[]): WaitingAlert {
  return all.reduce((least, one) => one.event.worth < least.event.worth ? one : least);
}
