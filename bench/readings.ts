/**
 * Measures the readings' database by its goals, with every commit synced to the disk, beside Debian's PostgreSQL with
 * the same readings: 10,000 a second of 300 channels for ten minutes, 70 a second, the size after packing, and windows
 * of ten minutes at 70 readings a second. A run takes some twelve minutes. `deno run -A bench/readings.ts [--short]
 * [--json]`
 */
import { join } from "node:path";
import process from "node:process";
import { sleep, systemClock } from "../src/clock.ts";
import { Deadline } from "../src/deadline.ts";
import { dayMs, minuteMs, type ReadingWindow, startOf } from "../src/reading_query.ts";
import { StoredReadings } from "../src/app/stored_readings.ts";
import { Ingest } from "../src/readings/ingest.ts";
import { ReadingsReader } from "../src/readings/reader.ts";
import { Retention } from "../src/readings/retention.ts";
import { openForReading, openReadings } from "../src/readings/schema.ts";
import type { SentReading } from "../src/source.ts";
import { silentLog } from "../test/support/silent_log.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { withPostgresql } from "./readings/postgresql.ts";
import { Sensors } from "./readings/stream.ts";

export const benchmark: Benchmark = {
  name: "readings",
  about: "readings in their database, each commit synced, beside PostgreSQL with COPY",
  async *measure({ isShort }) {
    yield* measureFlood(isShort ? 10 : 600);
    yield* measureCalm(isShort ? 20 : 120);
    yield* measureSize(isShort ? 21_600 : 86_400);
    yield* measureBeside();
  },
};

async function withStored<Result>(use: (stored: StoredReadings) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const [file, clock, log] = [join(folder, "readings.db"), systemClock, silentLog()];
  const days = { rawDays: 7, packedDays: 30, rollupDays: 365 };
  const stored = new StoredReadings({ file, durability: "full", days, clock, log });
  try {
    return await use(stored);
  } finally {
    await stored.stop(new Deadline(clock));
    await Deno.remove(folder, { recursive: true });
  }
}

interface Paced {
  /** The times from the arrival of each batch to its commit, in milliseconds. */
  waits: number[];
  /** In megabytes, at each batch. */
  memory: number[];
  cpuPercent: number;
}

/** Adds batches ten times a second, whether or not earlier ones are stored. */
function pace(perSecond: number, seconds: number, channels: number): Promise<Paced> {
  return withStored(async (stored) => {
    const sensors = new Sensors(channels);
    const paced: Paced = { waits: [], memory: [], cpuPercent: 0 };
    // The database and its threads are there.
    stored.add("iss", {
      readings: sensors.readings(channels, Date.now() - 60_000, 1),
      receivedAt: Date.now(),
    });
    await stored.flushed();
    const [begin, cpuBefore] = [performance.now(), process.cpuUsage()];
    for (let batch = 0; batch < seconds * 10; batch++) {
      await sleep(systemClock, begin + batch * 100 - performance.now());
      const readings = sensors.readings(perSecond / 10, Date.now() - 100, 100);
      const arrived = performance.now();
      const committed = () => void paced.waits.push(performance.now() - arrived);
      stored.add("iss", { readings, receivedAt: Date.now(), committed });
      paced.memory.push(process.memoryUsage.rss() / 1e6);
    }
    await stored.flushed();
    const { user, system } = process.cpuUsage(cpuBefore);
    paced.cpuPercent = (user + system) / 10 / (performance.now() - begin);
    const { counts } = stored;
    if (counts.stored + counts.repeated !== seconds * perSecond + channels || counts.dropped > 0) {
      throw new Error(`Readings are missing: ${JSON.stringify(counts)}`);
    }
    return paced;
  });
}

async function* measureFlood(seconds: number): AsyncGenerator<Figure> {
  const { waits, memory, cpuPercent } = await pace(10_000, seconds, 300);
  yield {
    name: "10,000/s: arrival to commit, p99",
    value: quantile(waits, 0.99),
    unit: "ms",
    target: { atMost: 1000 },
  };
  yield { name: "10,000/s: arrival to commit, worst", value: Math.max(...waits), unit: "ms" };
  const quarter = memory.length / 4;
  const growth = quantile(memory.slice(-quarter), 0.5) - quantile(memory.slice(quarter, 2 * quarter), 0.5);
  yield {
    name: "10,000/s: memory, second to last quarter",
    value: growth,
    unit: "MB",
    target: { atMost: 50 },
  };
  yield { name: "10,000/s: CPU", value: cpuPercent, unit: "% of a core" };
}

async function* measureCalm(seconds: number): AsyncGenerator<Figure> {
  const { waits, cpuPercent } = await pace(70, seconds, 70);
  yield { name: "70/s: CPU", value: cpuPercent, unit: "% of a core", target: { atMost: 2 } };
  yield {
    name: "70/s: arrival to commit, p99",
    value: quantile(waits, 0.99),
    unit: "ms",
    target: { atMost: 1000 },
  };
}

/** A database with its parts in this thread. */
class Parts implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "livecue-bench-" });
  readonly file = join(this.#folder, "readings.db");
  readonly database = openReadings(this.file, "full");
  readonly #ingest = new Ingest(this.database);
  readonly #readable = openForReading(this.file);
  readonly reader = new ReadingsReader(this.#readable);
  #newest = 0;

  add(readings: readonly SentReading[]): void {
    const items = [...new Set(readings.map(({ channel }) => channel))];
    const indexes = new Map(items.map((item, index) => [item, index]));
    this.#newest = Math.max(this.#newest, ...readings.map(({ at }) => at ?? 0));
    this.#ingest.add({
      channels: items.map((item) => ({ source: "iss", item, name: item, unit: "" })),
      channel: Int32Array.from(readings, ({ channel }) => indexes.get(channel) as number),
      at: Float64Array.from(readings, ({ at }) => at as number),
      value: Float64Array.from(readings, ({ value }) => value as number),
    });
  }

  /** Packs all but the newest day, and returns the longest step in milliseconds. */
  pack(): number {
    const days = { rawDays: 1, packedDays: 1000, rollupDays: 1000 };
    const retention = new Retention({ database: this.database, days, onPacked: () => {} });
    let longestMs = 0;
    for (let isAtWork = true; isAtWork;) {
      const begin = performance.now();
      isAtWork = retention.step(new Map([["iss", this.#newest]]));
      longestMs = Math.max(longestMs, performance.now() - begin);
    }
    return longestMs;
  }

  get bytes(): number {
    this.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return Deno.statSync(this.file).size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#readable.close();
    this.database.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

const someDay = startOf(Date.now(), dayMs) - 3 * dayMs;

/** A day of ten sensors with a reading a second each, or a part of it, packed. */
async function* measureSize(seconds: number): AsyncGenerator<Figure> {
  await using parts = new Parts();
  const sensors = new Sensors(10);
  for (let done = 0; done < seconds; done += 600) {
    parts.add(sensors.readings(6_000, someDay + done * 1000, 600_000));
  }
  parts.add(sensors.readings(1, someDay + 2 * dayMs, 1));
  const longestMs = parts.pack();
  const size = parts.bytes / seconds / 10;
  yield {
    name: "a reading after packing, with summaries",
    value: size,
    unit: "bytes",
    target: { atMost: 6 },
  };
  yield { name: "packing: longest step", value: longestMs, unit: "ms", target: { atMost: 50 } };
}

/** An hour of one sensor with 70 readings a second: the last half of a day, which gets packed, and what follows it. */
async function* measureBeside(): AsyncGenerator<Figure> {
  await using parts = new Parts();
  const midnight = someDay + dayMs;
  const batches = Array.from({ length: 100 }, (_, index) => index);
  const sensors = new Sensors(1);
  const hour = batches.map((index) =>
    sensors.readings(2_520, midnight - 30 * minuteMs + index * 36_000, 36_000)
  );
  const ownMs = timed(() => hour.forEach((batch) => parts.add(batch)));
  yield { name: "Livecue: stored in batches of 2,520", value: 252_000 / (ownMs / 1000), unit: "readings/s" };
  yield { name: "Livecue: a reading before packing", value: parts.bytes / 252_000, unit: "bytes" };
  const window = (from: number) => () => {
    const channel = { source: "iss", item: "SENSOR0" };
    const answer = parts.reader.answer({
      kind: "window",
      channel,
      from,
      to: from + 10 * minuteMs,
    }) as ReadingWindow;
    if (answer.at.length !== 42_000) throw new Error(`The window has ${answer.at.length} readings.`);
  };
  const goal = { unit: "ms", target: { atMost: 10 } } as const;
  yield {
    name: "Livecue: ten minutes at 70/s, as rows",
    value: medianOf(window(midnight + 5 * minuteMs)),
    ...goal,
  };
  parts.add(sensors.readings(1, midnight + dayMs + 40 * minuteMs, 1));
  parts.pack();
  yield {
    name: "Livecue: ten minutes at 70/s, packed",
    value: medianOf(window(midnight - 15 * minuteMs)),
    ...goal,
  };
  yield {
    name: "Livecue: ten minutes at 70/s, half packed",
    value: medianOf(window(midnight - 5 * minuteMs)),
    ...goal,
  };
  yield* measurePeer(hour, midnight, ownMs);
}

/** The same batches and the same window in PostgreSQL, which packs nothing. */
async function* measurePeer(hour: SentReading[][], midnight: number, ownMs: number): AsyncGenerator<Figure> {
  const figures: Figure[] = [];
  await withPostgresql(someDay, async (psql) => {
    const begin = performance.now();
    for (const batch of hour) await psql.copy(batch);
    const ms = performance.now() - begin;
    figures.push({
      name: "PostgreSQL: stored in batches of 2,520",
      value: 252_000 / (ms / 1000),
      unit: "readings/s",
    });
    figures.push({
      name: "Livecue to PostgreSQL: stored",
      value: ms / ownMs,
      unit: "",
      target: { atLeast: 1 },
    });
    const [bytes] = await psql.run(
      "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('reading');",
    );
    figures.push({ name: "PostgreSQL: a reading", value: Number(bytes) / 252_000, unit: "bytes" });
    const [from, to] = [midnight - 5 * minuteMs, midnight + 5 * minuteMs];
    const question =
      `SELECT at, value FROM reading WHERE channel = 'SENSOR0' AND at >= ${from} AND at < ${to} ORDER BY at;`;
    const times: number[] = [];
    for (let time = 0; time < 15; time++) {
      const start = performance.now();
      const lines = await psql.run(question);
      times.push(performance.now() - start);
      if (lines.length !== 42_000) throw new Error(`PostgreSQL's window has ${lines.length} readings.`);
    }
    figures.push({
      name: "PostgreSQL: ten minutes at 70/s, by psql",
      value: quantile(times, 0.5),
      unit: "ms",
    });
  });
  yield* figures;
}

function timed(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

function medianOf(work: () => void): number {
  return quantile(Array.from({ length: 25 }, () => timed(work)), 0.5);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

if (import.meta.main) await runAlone(benchmark);
