/** The latest events of a live with their ages, to fill a page that is opened late. */
import type { OverlayEvent } from "./messages.ts";

const maxRecent = 50;

/** The JSON in the service's state. The ages are relative to `savedAt`. */
export interface KeptRecent {
  /** Unix milliseconds. */
  savedAt: number;
  events: OverlayEvent[];
}

/** An event whose age increases. */
export interface Aging {
  event: OverlayEvent;
  /** When its `ageMs` was computed, by `performance.now()`. */
  computedAt: number;
}

export function aging(event: OverlayEvent): Aging {
  return { event, computedAt: performance.now() };
}

export function asOfNow({ event, computedAt }: Aging): OverlayEvent {
  return { ...event, ageMs: Math.round(event.ageMs + performance.now() - computedAt) };
}

export class Recent {
  /** Oldest first. */
  #events: Aging[];

  constructor(kept?: KeptRecent) {
    const passedMs = kept === undefined ? 0 : Math.max(0, Date.now() - kept.savedAt);
    this.#events = (kept?.events ?? []).map((event) => aging({ ...event, ageMs: event.ageMs + passedMs }));
  }

  /** Oldest first. */
  get events(): OverlayEvent[] {
    return this.#events.map(asOfNow);
  }

  get kept(): KeptRecent {
    return { savedAt: Date.now(), events: this.events };
  }

  /** Returns whether the event is kept. Joins, likes and tests are not; of a streak, only the last event is. */
  add(event: OverlayEvent): boolean {
    if (event.isTest || event.type === "JoinEvent" || event.type === "LikeEvent") return false;
    const isOther = ({ event: { id, streakId } }: Aging) =>
      id !== event.id && (streakId === null || streakId !== event.streakId);
    this.#events = [...this.#events.filter(isOther), aging(event)].slice(-maxRecent);
    return true;
  }
}

/** The latest events of several lives together. */
export function merged(all: readonly Recent[]): OverlayEvent[] {
  return all.flatMap(({ events }) => events).sort((one, other) => one.id - other.id).slice(-maxRecent);
}
