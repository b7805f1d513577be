/**
 * Packs old readings, and deletes what is too old, in steps of some milliseconds. A step is one transaction, so a crash
 * neither loses a reading nor leaves it both packed and unpacked. Whole days (UTC) are packed and deleted. Their age is
 * counted from the time of their source, not from this computer's clock: a clock that is set wrong deletes nothing, and
 * the recording of an old week stays complete.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dayMs, minuteMs, startOf } from "../reading_query.ts";
import { packChunk } from "./chunk.ts";
import { inTransaction, numberOf } from "./schema.ts";

/** Ages in days. None is shorter than the one before. */
export interface RetentionDays {
  rawDays: number;
  packedDays: number;
  rollupDays: number;
}

export interface RetentionOptions {
  database: DatabaseSync;
  days: RetentionDays;
  /** Readings of a channel before a time are packed or deleted. */
  onPacked(channelId: number, packedTo: number): void;
}

/** Some of these are read for a window that needs only a part, so they are not larger. */
export const chunkReadings = 4_096;
const deletedChunks = 50;
/** A row of a minute each, or of an hour. */
const deletedMinutes = 5_000;
const vacuumedPages = 256;

type Step = () => void;

export class Retention {
  readonly #options: RetentionOptions;
  readonly #statements: ReturnType<typeof prepare>;
  /** By source: the day before which everything is packed. */
  readonly #doneTo = new Map<string, number>();
  #work: Generator<Step, void> | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#statements = prepare(options.database);
  }

  /** Does a small part of the work. False if nothing is left to do. `times`: by source. */
  step(times: ReadonlyMap<string, number>): boolean {
    this.#work ??= this.#round(times);
    const next = this.#work.next();
    if (next.done) {
      this.#work = null;
      return false;
    }
    next.value();
    return true;
  }

  *#round(times: ReadonlyMap<string, number>): Generator<Step, void> {
    const { rawDays, packedDays, rollupDays } = this.#options.days;
    let hasDeleted = false;
    for (const [source, at] of times) {
      const cut = (days: number) => startOf(at - days * dayMs, dayMs);
      if (this.#doneTo.get(source) === cut(rawDays)) continue;
      for (const { id } of this.#statements.channels.all(source) as { id: number }[]) {
        yield* this.#packChannel(id, cut(rawDays));
        yield* this.#deleteChunks(id, cut(packedDays));
        yield* this.#deleteRollups(id, cut(rollupDays));
      }
      this.#doneTo.set(source, cut(rawDays));
      hasDeleted = true;
    }
    if (hasDeleted) yield* this.#shrink();
  }

  *#packChannel(id: number, cut: number): Generator<Step, void> {
    const { oldest, setPackedTo } = this.#statements;
    while (true) {
      const at = oldest.get(id)?.at;
      if (typeof at !== "number" || at >= cut) return;
      yield () => {
        inTransaction(this.#options.database, () => {
          setPackedTo.run(id, cut);
          this.#packOldest(id, Math.min(cut, startOf(at, dayMs) + dayMs));
        });
        this.#options.onPacked(id, cut);
      };
    }
  }

  /** Packs the oldest readings of a channel, all before `before`. */
  #packOldest(id: number, before: number): void {
    const { firstRows, addChunk, deleteRows } = this.#statements;
    const rows = firstRows.all(id, before) as unknown as { at: number; value: number }[];
    const at = Float64Array.from(rows, (row) => row.at);
    const value = Float64Array.from(rows, (row) => row.value);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return;
    addChunk.run(id, first.at, last.at, rows.length, packChunk({ at, value }));
    deleteRows.run(id, last.at, last.value);
  }

  *#deleteChunks(id: number, cut: number): Generator<Step, void> {
    const { oldestChunk, deleteOldChunks, deleteOvertaken } = this.#statements;
    while (true) {
      const at = oldestChunk.get(id)?.at;
      if (typeof at !== "number" || at >= cut) return;
      yield () =>
        inTransaction(this.#options.database, () => {
          deleteOldChunks.run(id, cut);
          deleteOvertaken.run(id, cut);
        });
    }
  }

  *#deleteRollups(id: number, cut: number): Generator<Step, void> {
    const { oldestMinute, deleteMinutes, oldestHour, deleteHours } = this.#statements;
    const both = [[oldestMinute, deleteMinutes, 1], [oldestHour, deleteHours, 60]] as const;
    for (const [oldest, deleteBefore, minutes] of both) {
      while (true) {
        const at = oldest.get(id)?.at;
        if (typeof at !== "number" || at >= cut) break;
        yield () => void deleteBefore.run(id, Math.min(cut, at + deletedMinutes * minutes * minuteMs));
      }
    }
  }

  /** Gives free pages back to the file system. */
  *#shrink(): Generator<Step, void> {
    const { database } = this.#options;
    while (numberOf(database, "freelist_count") > 0) {
      yield () => database.exec(`PRAGMA incremental_vacuum(${vacuumedPages})`);
    }
  }
}

function prepare(database: DatabaseSync) {
  const statements = {
    channels: "SELECT id FROM channel WHERE source = ? ORDER BY id",
    oldest: "SELECT min(at) AS at FROM reading WHERE channel_id = ?",
    firstRows:
      `SELECT at, value FROM reading WHERE channel_id = ? AND at < ? ORDER BY at, value LIMIT ${chunkReadings}`,
    addChunk: "INSERT INTO reading_chunk (channel_id, from_at, to_at, count, data) VALUES (?, ?, ?, ?, ?)",
    deleteRows: "DELETE FROM reading WHERE channel_id = ? AND (at, value) <= (?, ?)",
    setPackedTo: "INSERT OR REPLACE INTO watermark (channel_id, packed_to) VALUES (?, ?)",
    oldestChunk: "SELECT min(from_at) AS at FROM reading_chunk WHERE channel_id = ?",
    deleteOldChunks: `DELETE FROM reading_chunk WHERE id IN (SELECT id FROM reading_chunk
      WHERE channel_id = ? AND from_at < ? ORDER BY from_at LIMIT ${deletedChunks})`,
    deleteOvertaken: "DELETE FROM overtaken_reading WHERE channel_id = ? AND at < ?",
    oldestMinute: "SELECT min(at) AS at FROM reading_rollup_1m WHERE channel_id = ?",
    deleteMinutes: "DELETE FROM reading_rollup_1m WHERE channel_id = ? AND at < ?",
    oldestHour: "SELECT min(at) AS at FROM reading_rollup_1h WHERE channel_id = ?",
    deleteHours: "DELETE FROM reading_rollup_1h WHERE channel_id = ? AND at < ?",
  };
  const prepared = Object.entries(statements).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
}
