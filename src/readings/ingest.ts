/**
 * Writes readings and their summaries, a batch in one transaction. A minute's summary grows with readings that come in
 * order. After one that does not, it is computed again from the stored rows. An hour's summary is always computed from
 * those of its minutes.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Channel } from "../reading.ts";
import { hourMs, minuteMs, startOf } from "../reading_query.ts";
import { MinuteFold } from "./minute_fold.ts";
import { inTransaction } from "./schema.ts";

export type SourceTime = [source: string, at: number];

/** Readings as columns. */
export interface ReadingColumns {
  channels: Channel[];
  /** For each reading, the index of its channel in `channels`. */
  channel: Int32Array;
  at: Float64Array;
  value: Float64Array;
  /** The indexes of the readings that came too late for detectors. */
  overtaken?: number[];
  /** The times of sources after this batch, as far as they are known. */
  times?: SourceTime[];
}

/** What became of the readings of a batch. */
export interface IngestResult {
  stored: number;
  /** Of the stored ones, those that came too late for detectors. */
  overtaken: number;
  repeated: number;
  late: number;
  /** Readings of channels beyond the most that a database may have. */
  dropped: number;
}

interface KnownChannel {
  id: number;
  name: string;
  unit: string;
  /** Readings before this time are packed or deleted. */
  packedTo: number;
  /** The minute of its newest reading; null: not loaded. */
  fold: MinuteFold | null;
}

/** Far more than a sender has, so that made-up names do not fill the disk. */
export const maxChannels = 20_000;

export class Ingest {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  /** By source and item. Cleared when a transaction fails. */
  readonly #channels = new Map<string, KnownChannel>();
  #channelCount: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
    this.#channelCount = this.#countChannels();
  }

  /** Stores a batch, or throws SQLite's error and stores nothing. */
  add(batch: ReadingColumns): IngestResult {
    try {
      return inTransaction(this.#database, () => this.#addAll(batch));
    } catch (error) {
      this.#channels.clear();
      this.#channelCount = this.#countChannels();
      throw error;
    }
  }

  /** From now on readings of a channel before `packedTo` are late. */
  notePacked(channelId: number, packedTo: number): void {
    for (const channel of this.#channels.values()) {
      if (channel.id === channelId) channel.packedTo = packedTo;
    }
  }

  #countChannels(): number {
    return Number(this.#database.prepare("SELECT count(*) AS count FROM channel").get()?.count);
  }

  #addAll(batch: ReadingColumns): IngestResult {
    const result: IngestResult = { stored: 0, overtaken: 0, repeated: 0, late: 0, dropped: 0 };
    const order = orderOf(batch);
    for (let start = 0; start < order.length;) {
      const index = batch.channel[order[start] as number] as number;
      let end = start + 1;
      while (end < order.length && batch.channel[order[end] as number] === index) end++;
      const channel = this.#channelOf(batch.channels[index] as Channel);
      if (channel === null) result.dropped += end - start;
      else this.#addOfChannel(channel, { ...batch, order: order.subarray(start, end) }, result);
      start = end;
    }
    for (const time of batch.times ?? []) this.#statements.setTime.run(...time);
    return result;
  }

  #addOfChannel(
    channel: KnownChannel,
    batch: ReadingColumns & { order: Uint32Array },
    result: IngestResult,
  ): void {
    const touched = new Set<number>();
    const overtaken = new Set(batch.overtaken);
    const outOfOrder = new Set<number>();
    let fold = channel.fold ?? this.#newestMinute(channel.id);
    for (const index of batch.order) {
      const [at, value] = [batch.at[index] as number, batch.value[index] as number];
      if (at < channel.packedTo) result.late++;
      else if (this.#statements.insert.run(channel.id, at, value).changes === 0) result.repeated++;
      else {
        result.stored++;
        if (overtaken.has(index)) {
          this.#statements.insertOvertaken.run(channel.id, at, value);
          result.overtaken++;
        }
        const minute = startOf(at, minuteMs);
        if (fold === null || minute > fold.at) {
          if (fold !== null && touched.has(fold.at)) this.#saveMinute(channel.id, fold);
          fold = new MinuteFold(minute);
        }
        touched.add(minute);
        if (minute === fold.at && fold.isNext(at, value)) fold.add(at, value);
        else outOfOrder.add(minute);
      }
    }
    if (fold !== null && touched.has(fold.at)) this.#saveMinute(channel.id, fold);
    for (const minute of outOfOrder) {
      const computed = this.#foldRows(channel.id, minute);
      this.#saveMinute(channel.id, computed);
      if (minute === fold?.at) fold = computed;
    }
    channel.fold = fold;
    const hours = new Set([...touched].map((minute) => startOf(minute, hourMs)));
    for (const hour of hours) {
      this.#statements.saveHour.run({ channel: channel.id, from: hour, to: hour + hourMs });
    }
  }

  /** null if it has no readings that are not packed. */
  #newestMinute(channelId: number): MinuteFold | null {
    const at = this.#statements.newest.get(channelId)?.at;
    return typeof at === "number" ? this.#foldRows(channelId, startOf(at, minuteMs)) : null;
  }

  #foldRows(channelId: number, minute: number): MinuteFold {
    const fold = new MinuteFold(minute);
    const rows = this.#statements.rows.iterate(channelId, minute, minute + minuteMs);
    for (const { at, value } of rows as Iterable<{ at: number; value: number }>) fold.add(at, value);
    return fold;
  }

  #saveMinute(channelId: number, fold: MinuteFold): void {
    const { at, count, low, high, sum, first, last } = fold.rollup();
    this.#statements.saveMinute.run(channelId, at, count, low, high, sum, first, last);
  }

  #channelOf({ source, item, name, unit }: Channel): KnownChannel | null {
    const key = `${source}\n${item}`;
    let channel = this.#channels.get(key) ?? this.#find(source, item);
    if (channel === null) {
      if (this.#channelCount >= maxChannels) return null;
      const { lastInsertRowid } = this.#statements.addChannel.run(source, item, name, unit);
      this.#channelCount++;
      channel = { id: Number(lastInsertRowid), name, unit, packedTo: 0, fold: null };
    }
    if (channel.name !== name || channel.unit !== unit) {
      this.#statements.describeChannel.run(name, unit, channel.id);
      Object.assign(channel, { name, unit });
    }
    this.#channels.set(key, channel);
    return channel;
  }

  #find(source: string, item: string): KnownChannel | null {
    const row = this.#statements.findChannel.get(source, item);
    return row === undefined ? null : { ...(row as unknown as Omit<KnownChannel, "fold">), fold: null };
  }
}

/** The indexes of the readings by channel, then by time, then by value. */
function orderOf({ channel, at, value }: ReadingColumns): Uint32Array {
  const order = Uint32Array.from(at.keys());
  const by = (column: Float64Array | Int32Array, one: number, other: number) =>
    (column[one] as number) - (column[other] as number);
  return order.sort((one, other) => by(channel, one, other) || by(at, one, other) || by(value, one, other));
}

const rollupColumns = "(channel_id, at, count, low, high, sum, first, last)";

function prepare(database: DatabaseSync) {
  const statements = {
    insert: "INSERT OR IGNORE INTO reading (channel_id, at, value) VALUES (?, ?, ?)",
    insertOvertaken: "INSERT OR IGNORE INTO overtaken_reading (channel_id, at, value) VALUES (?, ?, ?)",
    newest: "SELECT max(at) AS at FROM reading WHERE channel_id = ?",
    rows: "SELECT at, value FROM reading WHERE channel_id = ? AND at >= ? AND at < ? ORDER BY at, value",
    saveMinute: `INSERT OR REPLACE INTO reading_rollup_1m ${rollupColumns} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    saveHour: `INSERT OR REPLACE INTO reading_rollup_1h ${rollupColumns}
      SELECT :channel, :from, sum(count), min(low), max(high), sum(sum),
        (SELECT first FROM reading_rollup_1m WHERE channel_id = :channel AND at >= :from ORDER BY at LIMIT 1),
        (SELECT last FROM reading_rollup_1m WHERE channel_id = :channel AND at < :to ORDER BY at DESC LIMIT 1)
      FROM reading_rollup_1m WHERE channel_id = :channel AND at >= :from AND at < :to`,
    setTime: "INSERT OR REPLACE INTO source_time (source, at) VALUES (?, ?)",
    addChannel: "INSERT INTO channel (source, item, name, unit) VALUES (?, ?, ?, ?)",
    describeChannel: "UPDATE channel SET name = ?, unit = ? WHERE id = ?",
    findChannel: `SELECT id, name, unit, coalesce(packed_to, 0) AS packedTo
      FROM channel LEFT JOIN watermark ON channel_id = id WHERE source = ? AND item = ?`,
  };
  const prepared = Object.entries(statements).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
}
