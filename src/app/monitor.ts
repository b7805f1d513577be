/** What the screen shows in addition to services and sources: the latest events and log lines, rates, and viewers. */
import type { Clock } from "../clock.ts";
import type { LogLine } from "../control.ts";
import type { EventLine } from "../event_view.ts";
import { describeEvent } from "../describe.ts";
import type { LiveEvent } from "../event.ts";
import type { LogEntry, LogSink } from "../log/log.ts";
import { Latest, PerSecond } from "./metrics.ts";

const keptLines = 200;
const rateSeconds = 300;

export interface MonitorOptions {
  /** Of the log. Default 200. */
  keptLogLines?: number;
  /** Whether it keeps events from the beginning. Default: yes. */
  keepsEvents?: boolean;
}

export class Monitor implements LogSink {
  readonly level = "info";
  /** Events are shown in their own pane, not in the log. */
  readonly quiet: ReadonlySet<string> = new Set(["live"]);
  readonly #clock: Clock;
  #events = new Latest<EventLine>(keptLines);
  readonly #log: Latest<LogLine>;
  readonly #rates = new PerSecond(rateSeconds);
  /** The lines of streaks that are still among the latest. */
  readonly #lineOfStreak = new Map<string, EventLine>();
  /** The last count of each source, and its live. */
  readonly #viewers = new Map<string, { liveId: number; count: number }>();
  readonly #listeners = new Set<() => void>();
  #eventsNow = 0;
  #tickedAt: number;
  #logCount = 0;
  #keepsEvents: boolean;

  constructor(clock: Clock, { keptLogLines = keptLines, keepsEvents = true }: MonitorOptions = {}) {
    this.#clock = clock;
    this.#log = new Latest(keptLogLines);
    this.#keepsEvents = keepsEvents;
    this.#tickedAt = clock.monotonic();
  }

  /** Of hundreds of rooms nobody looks at most, and their events are only counted. */
  set keepsEvents(keepsEvents: boolean) {
    this.#keepsEvents = keepsEvents;
    if (keepsEvents) return;
    this.#events = new Latest(keptLines);
    this.#lineOfStreak.clear();
  }

  events(): EventLine[] {
    return this.#events.values();
  }

  log(): LogLine[] {
    return this.#log.values();
  }

  rates(): number[] {
    return this.#rates.values();
  }

  /** Null if no count has arrived in this live. */
  viewers(source: string, liveId: number | null): number | null {
    const last = this.#viewers.get(source);
    return last?.liveId === liveId ? last.count : null;
  }

  /** Calls `listener` when anything that the screen shows has changed, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call it when something else that the screen shows has changed: a source or a service. */
  readonly changed = (): void => {
    for (const listener of this.#listeners) listener();
  };

  takeEvent(event: LiveEvent): void {
    this.#eventsNow++;
    this.changed();
    if (event.type === "ViewerCountEvent" && !event.isTest && !event.isForeign) {
      this.#viewers.set(event.source, { liveId: event.liveId, count: event.data.viewerCount });
    }
    if (this.#keepsEvents) this.#keep(event);
  }

  #keep(event: LiveEvent): void {
    const line = lineOf(event);
    const { streakId } = line;
    const open = streakId === null ? undefined : this.#lineOfStreak.get(streakId);
    if (open !== undefined) {
      // The line keeps its place and its time.
      Object.assign(open, line, { at: open.at, firstId: open.firstId });
      return;
    }
    this.#events.push(line);
    if (streakId !== null) this.#remember(streakId, line);
  }

  /** Called once per second. */
  tick(): void {
    const now = this.#clock.monotonic();
    const seconds = Math.max(0.001, (now - this.#tickedAt) / 1000);
    this.#tickedAt = now;
    this.#rates.push(this.#eventsNow / seconds);
    this.#eventsNow = 0;
  }

  write({ at, level, from, text }: LogEntry): void {
    if (level === "debug") return;
    this.#log.push({ id: ++this.#logCount, at, level, from, text });
    this.changed();
  }

  /** Nothing to open or close. */
  start(): void {}

  stop(): void {}

  #remember(streakId: string, line: EventLine): void {
    this.#lineOfStreak.set(streakId, line);
    if (this.#lineOfStreak.size <= 2 * keptLines) return;
    // A streak whose line is no longer kept will get a new one.
    const shown = new Set(this.#events.values());
    for (const [id, line] of this.#lineOfStreak) if (!shown.has(line)) this.#lineOfStreak.delete(id);
  }
}

/** An event as one line of the events pane. */
export function lineOf(event: LiveEvent): EventLine {
  const { id, createdAt: at, type, streak, source, liveId, isTest } = event;
  const streakId = streak?.id ?? null;
  const text = describeEvent(event);
  return { id, firstId: id, at, type, source, liveId, isTest, text, diamonds: diamondsOf(event), streakId };
}

function diamondsOf(event: LiveEvent): number {
  if (event.type !== "GiftEvent") return 0;
  return event.data.gift.diamondCount * (event.streak?.count ?? event.data.repeatCount);
}
