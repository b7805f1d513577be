/**
 * Writes readings and their summaries, a batch in one transaction. A minute's summary grows with readings that come in
 * order. After one that does not, it is computed again from the stored rows. An hour's summary is always computed from
 * those of its minutes.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Channel } from "../reading.ts";
import { hourMs, minuteMs, type SourceTime, startOf } from "../reading_query.ts";
import { MinuteFold } from "./minute_fold.ts";
import { inTransaction } from "./schema.ts";

/** late: it came after detectors had judged its time. early: its time is far ahead of those of its source. */
export const timing = { inTime: 0, late: 1, early: 2 } as const;

/** Readings as columns. */
export interface ReadingColumns {
  channels: Channel[];
  /** For each reading, the index of its channel in `channels`. */
  channel: Int32Array;
  at: Float64Array;
  value: Float64Array;
  /** For each reading, whether detectors use it, as in `timing`. Default: they use all. */
  timing?: Uint8Array;
  /** The time of a source has gone back to this one. Detectors do not use what is stored with a later time. */
  setBack?: { source: string; to: number };
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
  /** The time of its newest reading that is not packed; -Infinity: it has none. */
  newest: number;
  /** The minute that its readings have come to; null: not loaded. */
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
    if (batch.setBack !== undefined) this.#setBack(batch.setBack);
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
    for (const { source, at, setBack } of batch.times ?? []) {
      this.#statements.setTime.run(source, at, setBack?.count ?? 0, setBack?.to ?? 0);
    }
    return result;
  }

  #addOfChannel(
    channel: KnownChannel,
    batch: ReadingColumns & { order: Uint32Array },
    result: IngestResult,
  ): void {
    const touched = new Set<number>();
    const outOfOrder = new Set<number>();
    for (const index of batch.order) {
      const [at, value] = [batch.at[index] as number, batch.value[index] as number];
      const when = batch.timing?.[index] ?? timing.inTime;
      if (!this.#insert(channel, { at, value, when }, result)) continue;
      const minute = startOf(at, minuteMs);
      // One that is too early has its minute for itself.
      if (when !== timing.early && minute > (channel.fold?.at ?? -Infinity)) {
        if (channel.fold !== null && touched.has(channel.fold.at)) this.#saveMinute(channel.id, channel.fold);
        channel.fold = this.#foldFrom(channel, minute);
      }
      touched.add(minute);
      channel.newest = Math.max(channel.newest, at);
      if (minute === channel.fold?.at && channel.fold.isNext(at, value)) channel.fold.add(at, value);
      else outOfOrder.add(minute);
    }
    if (channel.fold !== null && touched.has(channel.fold.at)) this.#saveMinute(channel.id, channel.fold);
    for (const minute of outOfOrder) {
      const computed = this.#foldRows(channel.id, minute);
      this.#saveMinute(channel.id, computed);
      if (minute === channel.fold?.at) channel.fold = computed;
    }
    const hours = new Set([...touched].map((minute) => startOf(minute, hourMs)));
    for (const hour of hours) {
      this.#statements.saveHour.run({ channel: channel.id, from: hour, to: hour + hourMs });
    }
  }

  /** Whether the reading is new. */
  #insert(
    { id, packedTo }: KnownChannel,
    { at, value, when }: { at: number; value: number; when: number },
    result: IngestResult,
  ): boolean {
    const { insert, insertOvertaken, useAgain } = this.#statements;
    if (at < packedTo) {
      result.late++;
      return false;
    }
    const isNew = insert.run(id, at, value).changes !== 0;
    result[isNew ? "stored" : "repeated"]++;
    if (isNew && when === timing.late) result.overtaken++;
    if (isNew && when !== timing.inTime) insertOvertaken.run(id, at, value);
    // It may have come too early before.
    if (!isNew && when === timing.inTime) useAgain.run(id, at, value);
    return isNew;
  }

  /** The fold for a minute that has a new reading, which is added to it next. */
  #foldFrom({ id, newest }: KnownChannel, minute: number): MinuteFold {
    return minute > newest ? new MinuteFold(minute) : this.#foldRows(id, minute);
  }

  #setBack({ source, to }: { source: string; to: number }): void {
    this.#statements.leaveOut.run(source, to);
    for (const [key, channel] of this.#channels) {
      if (key.startsWith(`${source}\n`)) channel.fold = null;
    }
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
      const id = Number(lastInsertRowid);
      channel = { id, name, unit, packedTo: 0, newest: -Infinity, fold: null };
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
    if (row === undefined) return null;
    const known = row as unknown as Omit<KnownChannel, "newest" | "fold"> & { newest: number | null };
    return { ...known, newest: known.newest ?? -Infinity, fold: null };
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
    leaveOut: `INSERT OR IGNORE INTO overtaken_reading (channel_id, at, value)
      SELECT channel_id, at, value FROM channel CROSS JOIN reading ON channel_id = id WHERE source = ? AND at > ?`,
    useAgain: "DELETE FROM overtaken_reading WHERE channel_id = ? AND at = ? AND value = ?",
    rows: "SELECT at, value FROM reading WHERE channel_id = ? AND at >= ? AND at < ? ORDER BY at, value",
    saveMinute: `INSERT OR REPLACE INTO reading_rollup_1m ${rollupColumns} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    saveHour: `INSERT OR REPLACE INTO reading_rollup_1h ${rollupColumns}
      SELECT :channel, :from, sum(count), min(low), max(high), sum(sum),
        (SELECT first FROM reading_rollup_1m WHERE channel_id = :channel AND at >= :from ORDER BY at LIMIT 1),
        (SELECT last FROM reading_rollup_1m WHERE channel_id = :channel AND at < :to ORDER BY at DESC LIMIT 1)
      FROM reading_rollup_1m WHERE channel_id = :channel AND at >= :from AND at < :to`,
    setTime: "INSERT OR REPLACE INTO source_time (source, at, set_backs, set_back_to) VALUES (?, ?, ?, ?)",
    addChannel: "INSERT INTO channel (source, item, name, unit) VALUES (?, ?, ?, ?)",
    describeChannel: "UPDATE channel SET name = ?, unit = ? WHERE id = ?",
    findChannel: `SELECT id, name, unit, coalesce(packed_to, 0) AS packedTo,
        (SELECT max(at) FROM reading WHERE channel_id = id) AS newest
      FROM channel LEFT JOIN watermark ON channel_id = id WHERE source = ? AND item = ?`,
  };
  const prepared = Object.entries(statements).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
}
