/** The latest events of a live, with their ages: what a page is filled with that opens late. */
import type { OverlayEvent } from "./messages.ts";

const maxRecent = 50;

/** JSON, for the service's state. The ages are as of then. */
export interface KeptRecent {
  /** Unix milliseconds. */
  savedAt: number;
  events: OverlayEvent[];
}

/** An event whose age goes on. */
export interface Aging {
  event: OverlayEvent;
  /** When its `ageMs` was counted, by `performance.now()`. */
  countedAt: number;
}

export function aging(event: OverlayEvent): Aging {
  return { event, countedAt: performance.now() };
}

export function asOfNow({ event, countedAt }: Aging): OverlayEvent {
  return { ...event, ageMs: Math.round(event.ageMs + performance.now() - countedAt) };
}

export class Recent {
  /** The oldest first. */
  #events: Aging[];

  constructor(kept?: KeptRecent) {
    const passedMs = kept === undefined ? 0 : Math.max(0, Date.now() - kept.savedAt);
    this.#events = (kept?.events ?? []).map((event) => aging({ ...event, ageMs: event.ageMs + passedMs }));
  }

  /** The oldest first. */
  get events(): OverlayEvent[] {
    return this.#events.map(asOfNow);
  }

  get kept(): KeptRecent {
    return { savedAt: Date.now(), events: this.events };
  }

  /** Whether it is kept. Joins and likes are too many; of a streak the last is enough; a test is for the moment. */
  add(event: OverlayEvent): boolean {
    if (event.isTest || event.type === "JoinEvent" || event.type === "LikeEvent") return false;
    const isOther = ({ event: { id, streakId } }: Aging) =>
      id !== event.id && (streakId === null || streakId !== event.streakId);
    this.#events = [...this.#events.filter(isOther), aging(event)].slice(-maxRecent);
    return true;
  }
}

/** Those of several lives, as one. */
export function merged(all: readonly Recent[]): OverlayEvent[] {
  return all.flatMap(({ events }) => events).sort((one, other) => one.id - other.id).slice(-maxRecent);
}
