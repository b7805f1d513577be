/** The latest lines of a log, for a screen. Many messages do not push out the warnings and errors. */
import type { LogLine } from "../control.ts";
import type { LogEntry, LogSink } from "../log/log.ts";
import { Latest } from "./metrics.ts";

const keptLines = 200;

export class LatestLog implements LogSink {
  readonly level = "info";
  readonly #listeners = new Set<() => void>();
  readonly #messages = new Latest<LogLine>(keptLines);
  readonly #troubles = new Latest<LogLine>(keptLines);
  #lines: LogLine[] | null = null;
  #count = 0;

  /** The same list until there is a new line. */
  get lines(): readonly LogLine[] {
    this.#lines ??= [...this.#messages.values(), ...this.#troubles.values()].sort((one, other) =>
      one.id - other.id
    );
    return this.#lines;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  write({ at, level, from, text }: LogEntry): void {
    if (level === "debug") return;
    (level === "info" ? this.#messages : this.#troubles).push({ id: ++this.#count, at, level, from, text });
    this.#lines = null;
    for (const listener of this.#listeners) listener();
  }

  /** Nothing to open or close. */
  start(): void {}

  stop(): void {}
}
