/** The detections that came, for the marks in the charts. */
import type { BaseQueueService, LiveEvent, Migration } from "livecue/service";
import type { ShownDetection } from "./messages.ts";
import { keyOf } from "./charts.ts";

type Database = ReturnType<BaseQueueService["database"]>;

/** The oldest ones beyond these are deleted. */
const maxKept = 20_000;
/** The newest of a span. More marks could not be told apart. */
const maxShown = 500;

export const migrations: readonly Migration[] = [[
  `CREATE TABLE detection (
    -- The event's, so that an event that comes twice is stored once.
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    confidence REAL NOT NULL,
    text TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX detection_time ON detection(to_at, from_at)",
]];

export class Detections {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** null: it is no detection, as of another service that uses the type's name, or it is stored already. */
  add({ id, type, data }: LiveEvent): ShownDetection | null {
    if (type !== "DetectionEvent") return null;
    const { source, channel, name, confidence, text, window } = data;
    const detection = { id, channel: keyOf({ source, item: channel }), name, confidence, text, ...window };
    const { from, to } = window;
    const { changes } = this.#database.prepare("INSERT OR IGNORE INTO detection VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(id, detection.channel, name, confidence, text, Math.round(from), Math.round(to));
    if (Number(changes) === 0) return null;
    this.#database.prepare(
      "DELETE FROM detection WHERE id <= (SELECT id FROM detection ORDER BY id DESC LIMIT 1 OFFSET ?)",
    ).run(maxKept);
    return detection;
  }

  /** Deletes those that ended before a time, Unix milliseconds, or only counts them. Returns their number. */
  deleteBefore(before: number, { isDryRun }: { isDryRun: boolean }): number {
    const { count } = this.#database.prepare("SELECT count(*) AS count FROM detection WHERE to_at < ?")
      .get(before) as { count: number };
    if (!isDryRun) this.#database.prepare("DELETE FROM detection WHERE to_at < ?").run(before);
    return count;
  }

  /** Those that touch the span, the newest first. */
  within(from: number, to: number): ShownDetection[] {
    return this.#database.prepare(
      `SELECT id, channel, name, confidence, text, from_at AS "from", to_at AS "to" FROM detection
      WHERE to_at >= ? AND from_at < ? ORDER BY to_at DESC LIMIT ?`,
    ).all(from, to, maxShown) as unknown as ShownDetection[];
  }
}
