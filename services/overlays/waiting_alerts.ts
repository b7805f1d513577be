/**
 * The alerts that no page has shown yet. Each belongs to an item that finishes when a page has shown the alert. It
 * finishes at once if no page shows such alerts, if too many alerts wait, or if Livecue stops, so no item can wait
 * forever.
 */
import type { OverlayEvent } from "./messages.ts";
import { type Aging, aging, asOfNow } from "./recent.ts";

/** A page that shows alerts of these types (null for all) and of this source's live (null for all lives). */
export interface AlertPage {
  readonly types: readonly string[] | null;
  readonly source: string | null;
}

export interface WaitingAlertsOptions {
  /** The maximum number of waiting alerts. */
  max: number;
  /** How long alerts wait for a page that has closed, because it may be reloading. */
  reconnectMs: number;
  /** Whether pages for this source receive the event. */
  isFor(source: string | null, event: OverlayEvent): boolean;
  /** An alert was skipped, because too many wait or a page did not show it in time. */
  onSkipped(): void;
}

interface WaitingAlert extends Aging {
  end(): void;
}

/**
 * For a page that is open but shows nothing, because it is frozen or its computer sleeps. Must be below the example's
 * `timeout_ms`.
 */
const longestWaitMs = 150_000;

export class WaitingAlerts {
  readonly #options: WaitingAlertsOptions;
  /** By item id, oldest first. */
  readonly #waiting = new Map<number, WaitingAlert>();
  readonly #open = new Set<AlertPage>();
  /** Pages that closed a moment ago or were open before a restart, with the timers that give them up. */
  readonly #expected = new Map<AlertPage, ReturnType<typeof setTimeout>>();
  #isStopped = false;

  constructor(options: WaitingAlertsOptions) {
    this.#options = options;
  }

  get openPages(): AlertPage[] {
    return [...this.#open];
  }

  /** The alerts for a page, oldest first. */
  for(page: AlertPage): OverlayEvent[] {
    return [...this.#waiting.values()].filter(({ event }) => this.#isFor(page, event)).map(asOfNow);
  }

  /** Resolves when the alert has been shown or need not be. Rejects when the signal aborts. */
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
        this.#options.onSkipped();
      }, longestWaitMs);
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.set(event.id, { ...aging(event), end });
      this.#makeRoom();
    });
  }

  /** A page has shown the alert. Ignores unknown ids and alerts that another page has shown. */
  end(id: number): void {
    this.#waiting.get(id)?.end();
  }

  open(page: AlertPage): void {
    this.#open.add(page);
  }

  close(page: AlertPage): void {
    if (this.#open.delete(page)) this.expect(page);
  }

  /** Lets alerts wait a moment for a page that is not open. */
  expect(page: AlertPage): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#expected.delete(page);
      for (const { event, end } of [...this.#waiting.values()]) if (!this.#isWanted(event)) end();
    }, this.#options.reconnectMs);
    this.#expected.set(page, timer);
  }

  /** Finishes all alerts, also later ones. Pages have them in their own queues and show them without Livecue. */
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

  /** Drops alerts whose streak has a later one first, because that one is shown anyway. */
  #makeRoom(): void {
    const { max, onSkipped } = this.#options;
    while (this.#waiting.size > max) {
      const all = [...this.#waiting.values()];
      const superseded = all.find(({ event }, index) => hasLater(event, all.slice(index + 1)));
      if (superseded === undefined) onSkipped();
      (superseded ?? leastOf(all)).end();
    }
  }
}

function hasLater({ streakId }: OverlayEvent, later: WaitingAlert[]): boolean {
  return streakId !== null && later.some(({ event }) => event.streakId === streakId);
}

/** The alert with the least worth; the oldest among equals. */
function leastOf(all: WaitingAlert[]): WaitingAlert {
  return all.reduce((least, one) => one.event.worth < least.event.worth ? one : least);
}
