/** Answers questions about readings. Packed and unpacked ones look the same. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { csvText } from "../csv.ts";
import type { Channel, Reading } from "../reading.ts";
import {
  type ChannelKey,
  type CsvPage,
  type CsvTimes,
  dayMs,
  hourMs,
  minuteMs,
  type OverviewPage,
  type ReadingAnswer,
  type ReadingQuery,
  type ReadingWindow,
  type Rollup,
  startOf,
} from "../reading_query.ts";
import { simplified } from "../words.ts";
import { unpackChunk } from "./chunk.ts";
import { asRollups, joinRollups } from "./rollups.ts";
import { numberOf, timesIn } from "./schema.ts";

/** The most readings of a window, except that those of one millisecond are never separated. */
const maxWindow = 1_000_000;
/** Lines of CSV per answer. */
const maxLines = 20_000;
/** A chart of more readings than this is drawn from the summaries of minutes. */
const maxChartReadings = 100_000;
/** The most summaries of one answer. */
const maxRollups = 100_000;

interface Span {
  id: number;
  from: number;
  to: number;
}

type Columns = Pick<ReadingWindow, "at" | "value">;

interface Newest {
  at: number;
  value: number;
}

/** null: it has no unpacked reading up to the time of its source. */
type NewestRow = Newest | { at: null; value: null };

export class ReadingsReader {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  /** By channel: the last reading of its newest chunk. A chunk never changes. */
  readonly #packedEnds = new Map<number, { chunk: number; newest: Newest }>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
    // Four times as fast as objects. Deno's types lack the method.
    (this.#statements.rows as StatementSync & { setReturnArrays(isOn: boolean): void }).setReturnArrays(true);
  }

  /** Throws a `RangeError` if the question makes no sense, or SQLite's error. */
  answer<Query extends ReadingQuery>(query: Query): ReadingAnswer<Query> {
    // One snapshot: a reading is either unpacked or packed.
    this.#database.exec("BEGIN");
    try {
      return this.#answer(query) as ReadingAnswer<Query>;
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  #answer(query: ReadingQuery): ReadingAnswer {
    switch (query.kind) {
      case "channels":
        return this.#channels().map(({ id: _, ...channel }) => channel);
      case "version":
        return numberOf(this.#database, "data_version");
      case "times":
        return timesIn(this.#database);
      case "latest":
        return this.#latest();
      case "overview":
        return this.#overview(query);
      case "window": {
        const span = this.#spanOf(query);
        const window = this.#window(span, Math.min(query.limit ?? maxWindow, maxWindow));
        return query.inTime && span !== null ? { ...window, ...this.#inTime(span.id, window) } : window;
      }
      case "before":
        return this.#before(this.#spanOf({ channel: query.channel, from: 0, to: query.at }));
      case "rollups":
        return this.#rollups(this.#spanOf(query), query.stepMs);
      case "series":
        return this.#series(this.#spanOf(query), query.points);
      case "csv":
        return this.#csv(query.channel, this.#spanOf(query), query.times ?? "iso");
    }
  }

  #channels(): (Channel & { id: number })[] {
    return this.#statements.channels.all() as unknown as (Channel & { id: number })[];
  }

  #spanOf({ channel, from, to }: { channel: ChannelKey; from: number; to: number }): Span | null {
    if (!Number.isFinite(from) || !Number.isFinite(to)) {
      throw new RangeError("The span has no start or no end.");
    }
    const id = this.#statements.channelId.get(channel.source, channel.item)?.id;
    // Times are whole numbers.
    return typeof id === "number" ? { id, from: Math.ceil(from), to: Math.ceil(to) } : null;
  }

  #latest(): Reading[] {
    const rows = this.#statements.latest.all() as unknown as (NewestRow & Channel & { id: number })[];
    return rows.flatMap(({ id, at, value, ...channel }) => {
      const newest = at === null || value === null ? this.#newestPacked(id) : { at, value };
      return newest === null ? [] : { channel, ...newest };
    });
  }

  #before(span: Span | null): Pick<Reading, "at" | "value">[] {
    if (span === null) return [];
    const row = this.#statements.lastRow.get(span.id, span.to) as { at: number; value: number } | undefined;
    if (row !== undefined) return [row];
    // The chunks of a channel are in order of time.
    const data = this.#statements.lastChunk.get(span.id, span.to)?.data;
    if (!(data instanceof Uint8Array)) return [];
    const { at, value } = this.#inTime(span.id, within(unpackChunk(data), span.from, span.to));
    return at.length === 0 ? [] : [{ at: at.at(-1) as number, value: value.at(-1) as number }];
  }

  #newest(id: number): Newest | null {
    const { at, value } = this.#statements.newest.get(id) as unknown as NewestRow;
    return at === null || value === null ? this.#newestPacked(id) : { at, value };
  }

  #newestPacked(id: number): Newest | null {
    const row = this.#statements.newestChunk.get(id) as { chunk: number; to: number } | undefined;
    if (row === undefined) return null;
    const known = this.#packedEnds.get(id);
    if (known?.chunk === row.chunk && known.newest.at === row.to) return known.newest;
    const { value } = unpackChunk(this.#statements.chunk.get(row.chunk)?.["data"] as Uint8Array);
    const newest = { at: row.to, value: value.at(-1) as number };
    this.#packedEnds.set(id, { chunk: row.chunk, newest });
    return newest;
  }

  #overview({ text, first, limit, channel: only }: ReadingQuery & { kind: "overview" }): OverviewPage {
    const wanted = simplified(text);
    const found = this.#channels().filter(({ source, item, name, unit }) =>
      only === undefined
        ? wanted === "" || simplified(`${source} ${item} ${name} ${unit}`).includes(wanted)
        : source === only.source && item === only.item
    );
    const channels = found.slice(first, first + limit).map(({ id, ...channel }) => {
      const newest = this.#newest(id);
      if (newest === null) return { channel, newest, minutes: [] };
      const from = startOf(newest.at, minuteMs) - hourMs + minuteMs;
      return { channel, newest, minutes: [...this.#storedRollups({ id, from, to: newest.at + 1 }, false)] };
    });
    return { count: found.length, channels };
  }

  /** Without those that came too late for detectors. */
  #inTime(id: number, columns: Columns): Columns {
    const { at, value } = columns;
    if (at.length === 0) return columns;
    const rows = this.#statements.overtaken.all(id, at[0] as number, at.at(-1) as number) as unknown as {
      at: number;
      value: number;
    }[];
    if (rows.length === 0) return columns;
    const overtaken = new Set(rows.map((row) => `${row.at} ${row.value}`));
    const isInTime = Array.from(at, (time, index) => !overtaken.has(`${time} ${value[index]}`));
    return {
      at: at.filter((_, index) => isInTime[index]),
      value: value.filter((_, index) => isInTime[index]),
    };
  }

  #window(span: Span | null, limit: number): ReadingWindow {
    if (span === null) return { at: new Float64Array(), value: new Float64Array(), nextFrom: null };
    const parts: Columns[] = [];
    let count = 0;
    for (const part of this.#parts(span, limit)) {
      parts.push(part);
      count += part.at.length;
      if (count > limit) break;
    }
    const whole = joined(parts, count);
    if (count <= limit) return { ...whole, nextFrom: null };
    // The readings of a millisecond are not separated.
    const last = whole.at[limit] as number;
    const end = firstFrom(whole.at, last);
    if (end > 0) return { at: whole.at.slice(0, end), value: whole.value.slice(0, end), nextFrom: last };
    return { ...this.#window({ ...span, from: last, to: last + 1 }, Infinity), nextFrom: last + 1 };
  }

  /** Packed readings are older than all others, and those of a chunk are older than those of the next one. */
  *#parts({ id, from, to }: Span, limit: number): Generator<Columns> {
    // A chunk has readings of a single day.
    const chunks = this.#statements.chunks.iterate(id, startOf(from, dayMs), to, from);
    for (const { data } of chunks as Iterable<{ data: Uint8Array }>) {
      yield within(unpackChunk(data), from, to);
    }
    const rows = this.#statements.rows.all(
      id,
      from,
      to,
      Number.isFinite(limit) ? limit + 1 : -1,
    ) as unknown as [number, number][];
    const at = new Float64Array(rows.length);
    const value = new Float64Array(rows.length);
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as [number, number];
      at[index] = row[0];
      value[index] = row[1];
    }
    yield { at, value };
  }

  #rollups(span: Span | null, stepMs: number): Rollup[] {
    if (!(stepMs > 0) || stepMs % minuteMs !== 0) {
      throw new RangeError("The step must be a multiple of a minute.");
    }
    if (span === null) return [];
    if ((span.to - span.from) / stepMs > maxRollups) {
      throw new RangeError(
        `The span has more than ${maxRollups} steps. Ask for longer steps or a shorter span.`,
      );
    }
    return joinRollups(this.#storedRollups(span, stepMs % hourMs === 0), stepMs);
  }

  *#storedRollups({ id, from, to }: Span, isByHour: boolean): Generator<Rollup> {
    const rows = this.#statements[isByHour ? "hours" : "minutes"].iterate(id, from, to);
    for (const row of rows as Iterable<Rollup>) yield { ...row, sum: row.sum ?? NaN };
  }

  #series(span: Span | null, points: number): Rollup[] {
    if (!(points >= 1)) throw new RangeError("A chart has at least one point.");
    if (span === null || span.to <= span.from) return [];
    const { from, to } = span;
    const stepMs = Math.ceil((to - from) / Math.floor(points));
    if (stepMs < minuteMs && this.#count(span) <= maxChartReadings) {
      const window = this.#window(span, maxWindow);
      if (window.at.length > 0) return joinRollups(asRollups(window), stepMs, from);
    }
    const unit = stepMs >= hourMs ? hourMs : minuteMs;
    const start = startOf(from, unit);
    const wholeMs = Math.ceil((to - start) / Math.floor(points) / unit) * unit;
    return joinRollups(this.#storedRollups({ ...span, from: start }, unit === hourMs), wholeMs, start);
  }

  /** About how many readings a span has. */
  #count({ id, from, to }: Span): number {
    return Number(this.#statements.count.get(id, startOf(from, minuteMs), to)?.count ?? 0);
  }

  #csv({ source, item }: ChannelKey, span: Span | null, times: CsvTimes): CsvPage {
    const { at, value, nextFrom } = this.#window(span, maxLines);
    const unit = span === null ? "" : String(this.#statements.unit.get(span.id)?.unit ?? "");
    const [before, after] = [`,${csvText(source)},${csvText(item)},`, `,${csvText(unit)}\r\n`];
    let text = "";
    for (let index = 0; index < at.length; index++) {
      const time = at[index] as number;
      text += (times === "ms" ? time : new Date(time).toISOString()) + before + value[index] + after;
    }
    return { text, nextFrom };
  }
}

function joined(parts: readonly Columns[], count: number): Columns {
  if (parts.length === 1) return parts[0] as Columns;
  const at = new Float64Array(count);
  const value = new Float64Array(count);
  let position = 0;
  for (const part of parts) {
    at.set(part.at, position);
    value.set(part.value, position);
    position += part.at.length;
  }
  return { at, value };
}

/** `at` is in ascending order. */
function within({ at, value }: Columns, from: number, to: number): Columns {
  const [start, end] = [firstFrom(at, from), firstFrom(at, to)];
  return { at: at.subarray(start, end), value: value.subarray(start, end) };
}

function firstFrom(at: Float64Array, from: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function prepare(database: DatabaseSync) {
  const rollups = (table: string) =>
    `SELECT at, count, low, high, sum, first, last FROM ${table} WHERE channel_id = ? AND at >= ? AND at < ? ORDER BY at`;
  const sourceTime = "SELECT at FROM source_time WHERE source = channel.source";
  const newest =
    `SELECT *, (SELECT max(value) FROM reading WHERE channel_id = id AND reading.at = newest.at) AS value
    FROM (SELECT *, (SELECT max(at) FROM reading WHERE channel_id = channel.id AND
      at <= coalesce((${sourceTime}), ${Number.MAX_SAFE_INTEGER})) AS at FROM channel) AS newest`;
  const statements = {
    channels: "SELECT id, source, item, name, unit FROM channel ORDER BY source, item",
    channelId: "SELECT id FROM channel WHERE source = ? AND item = ?",
    unit: "SELECT unit FROM channel WHERE id = ?",
    newest: `${newest} WHERE id = ?`,
    latest: `${newest} ORDER BY source, item`,
    newestChunk: `SELECT id AS chunk, to_at AS "to" FROM reading_chunk WHERE channel_id = ?
      ORDER BY from_at DESC, id DESC LIMIT 1`,
    chunk: "SELECT data FROM reading_chunk WHERE id = ?",
    lastRow: `SELECT at, value FROM reading WHERE channel_id = ?1 AND at < ?2 AND NOT EXISTS
      (SELECT 1 FROM overtaken_reading WHERE channel_id = ?1 AND at = reading.at AND value = reading.value)
      ORDER BY at DESC, value DESC LIMIT 1`,
    overtaken: "SELECT at, value FROM overtaken_reading WHERE channel_id = ? AND at BETWEEN ? AND ?",
    lastChunk:
      "SELECT data FROM reading_chunk WHERE channel_id = ? AND from_at < ? ORDER BY from_at DESC, id DESC LIMIT 1",
    chunks:
      `SELECT data FROM reading_chunk WHERE channel_id = ? AND from_at >= ? AND from_at < ? AND to_at >= ?
      ORDER BY from_at, id`,
    rows:
      `SELECT at, value FROM reading WHERE channel_id = ? AND at >= ? AND at < ? ORDER BY at, value LIMIT ?`,
    minutes: rollups("reading_rollup_1m"),
    hours: rollups("reading_rollup_1h"),
    count: "SELECT sum(count) AS count FROM reading_rollup_1m WHERE channel_id = ? AND at >= ? AND at < ?",
  };
  const prepared = Object.entries(statements).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
}
