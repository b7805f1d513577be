/** What a screen shows besides the services: the latest events and log lines, rates, the viewers, the connection. */
import type { ConnectionState } from "../source.ts";
import type { Clock } from "../clock.ts";
import { describeEvent } from "../describe.ts";
import type { LiveEvent } from "../event.ts";
import type { LogEntry, LogSink } from "../log/log.ts";
import type { ConnectionView, EventLine, LogLine } from "../control.ts";
import { Latest, PerSecond } from "./metrics.ts";

const keptLines = 200;
const rateSeconds = 300;

/** The event lines of a live are shown in a pane of their own. */
const notInLog = new Set(["live"]);

export class Monitor implements LogSink {
  readonly level = "info";
  readonly #clock: Clock;
  readonly #events = new Latest<EventLine>(keptLines);
  readonly #log = new Latest<LogLine>(keptLines);
  readonly #rates = new PerSecond(rateSeconds);
  /** The lines of streaks that are still among the latest. */
  readonly #lineOfStreak = new Map<string, EventLine>();
  #connection: ConnectionView = { phase: "idle" };
  #viewers: number | null = null;
  #eventsNow = 0;
  #logCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get connection(): ConnectionView {
    return this.#connection;
  }

  get viewers(): number | null {
    return this.#viewers;
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

  takeEvent(event: LiveEvent): void {
    this.#eventsNow++;
    if (event.type === "ViewerCountEvent") this.#viewers = event.data.viewerCount;
    const line = lineOf(event);
    const { streakId } = line;
    const open = streakId === null ? undefined : this.#lineOfStreak.get(streakId);
    if (open !== undefined) {
      // In its old place, and with the time that belongs there.
      Object.assign(open, line, { at: open.at });
      return;
    }
    this.#events.push(line);
    if (streakId !== null) this.#remember(streakId, line);
  }

  takeState(state: ConnectionState): void {
    if (state.phase === "listening") return;
    if (state.phase !== "live") {
      this.#connection = state;
      return;
    }
    const { username, title } = state;
    this.#connection = { phase: "live", username, title, since: this.#clock.now() };
    this.#viewers = null;
  }

  /** A second has passed. */
  tick(): void {
    this.#rates.push(this.#eventsNow);
    this.#eventsNow = 0;
  }

  write({ at, level, from, text }: LogEntry): void {
    if (level === "debug" || (level === "info" && notInLog.has(from))) return;
    this.#log.push({ id: ++this.#logCount, at, level, from, text });
  }

  close(): void {}

  #remember(streakId: string, line: EventLine): void {
    this.#lineOfStreak.set(streakId, line);
    if (this.#lineOfStreak.size <= 2 * keptLines) return;
    // A streak whose line has scrolled away gets a new one.
    const shown = new Set(this.#events.values());
    for (const [id, line] of this.#lineOfStreak) if (!shown.has(line)) this.#lineOfStreak.delete(id);
  }
}

/** An event as one line of the events pane. */
export function lineOf(event: LiveEvent): EventLine {
  const { id, createdAt: at, type, streak } = event;
  return { id, at, type, text: describeEvent(event), streakId: streak?.id ?? null };
}
