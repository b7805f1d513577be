/** Ingest, packing and deletion against a plain model, on a real database. */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { dayMs, hourMs, minuteMs, type Rollup, startOf } from "../../src/reading_query.ts";
import { Ingest, type ReadingColumns, timing } from "../../src/readings/ingest.ts";
import { ReadingsReader } from "../../src/readings/reader.ts";
import { Retention, type RetentionDays } from "../../src/readings/retention.ts";
import { openForReading, openReadings } from "../../src/readings/schema.ts";

const channels = ["level", "state", "flow"].map((item) => ({ source: "iss", item, name: item, unit: "%" }));
const week: RetentionDays = { rawDays: 7, packedDays: 30, rollupDays: 365 };
const start = Date.UTC(2026, 0, 1);

type Sent = readonly [channel: number, at: number, value: number];

/** A database with its parts in this thread. */
class Stored implements Disposable {
  readonly #folder = Deno.makeTempDirSync();
  readonly file = join(this.#folder, "readings.db");
  readonly database = openReadings(this.file, "normal");
  readonly ingest = new Ingest(this.database);
  readonly #retention: Retention;
  readonly #readable = openForReading(this.file);
  readonly reader = new ReadingsReader(this.#readable);
  newest = 0;

  constructor(days = week) {
    const onPacked = (id: number, to: number) => this.ingest.notePacked(id, to);
    this.#retention = new Retention({ database: this.database, days, onPacked });
  }

  add(readings: readonly Sent[], more: Partial<ReadingColumns> = {}) {
    for (const [, at] of readings) this.newest = Math.max(this.newest, at);
    return this.ingest.add({
      times: [{ source: "iss", at: this.newest }],
      channels,
      channel: Int32Array.from(readings, ([channel]) => channel),
      at: Float64Array.from(readings, ([, at]) => at),
      value: Float64Array.from(readings, ([, , value]) => value),
      ...more,
    });
  }

  /** All steps of the retention, or this many. */
  age(steps = Infinity): void {
    while (steps-- > 0 && this.#retention.step(new Map([["iss", this.newest]])));
  }

  window(channel: number, from = 0, to = 8e15) {
    const answer = this.reader.answer({ kind: "window", channel: channels[channel]!, from, to });
    return [...answer.at].map((at, index) => [at, answer.value[index]]);
  }

  /** What a detector's window has. */
  inTime(channel: number): number[] {
    const span = { channel: channels[channel]!, from: 0, to: 8e15, inTime: true };
    return [...this.reader.answer({ kind: "window", ...span }).value];
  }

  rollups(channel: number, stepMs: number, to = start + 900 * dayMs): Rollup[] {
    return this.reader.answer({
      kind: "rollups",
      channel: channels[channel]!,
      from: to - 1500 * hourMs,
      to,
      stepMs,
    }) as Rollup[];
  }

  count(table: string): number {
    return Number(this.database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  }

  [Symbol.dispose](): void {
    this.#readable.close();
    this.database.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** The distinct readings of a channel in order, as a plain list. */
function modelOf(readings: readonly Sent[], channel: number): [number, number][] {
  const all = readings.filter(([of]) => of === channel).map((
    [, at, value],
  ): [number, number] => [at, value + 0]);
  const distinct = new Map(all.map((each) => [each.join(), each]));
  return [...distinct.values()].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
}

const reading = (spanMs: number) =>
  fc.tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: spanMs }).map((after) => start + after),
    fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
  );
const batches = (spanMs: number) => fc.array(fc.array(reading(spanMs), { maxLength: 30 }), { maxLength: 8 });

Deno.test("Readings in any order are stored once, and their summaries are those that SQLite computes from the rows", () => {
  fc.assert(
    fc.property(batches(10 * minuteMs), fc.infiniteStream(fc.nat({ max: 9 })), (all, random) => {
      using stored = new Stored();
      const upTo = (count: number) => (random.next().value ?? 0) % count;
      const counts = all.map((batch) =>
        stored.add(batch, {
          timing: Uint8Array.from(batch, () => upTo(3)),
          ...(upTo(3) === 0 && { setBack: { source: "iss", to: start + upTo(10) * minuteMs } }),
        })
      );
      const models = channels.map((_, channel) => modelOf(all.flat(), channel));
      models.forEach((model, channel) => assert.deepEqual(stored.window(channel), model));
      assert.equal(counts.reduce((sum, { stored }) => sum + stored, 0), models.flat().length);
      assert.equal(
        counts.reduce(
          (sum, { stored, repeated, late, dropped }) => sum + stored + repeated + late + dropped,
          0,
        ),
        all.flat().length,
      );
      const kept = stored.database.prepare("SELECT * FROM reading_rollup_1m ORDER BY channel_id, at").all();
      const computed = stored.database.prepare(
        `SELECT channel_id, at / 60000 * 60000 AS at, count(*) AS count,
        min(value) AS low, max(value) AS high, sum(value) AS sum,
        (SELECT value FROM reading i WHERE i.channel_id = o.channel_id AND i.at >= o.at / 60000 * 60000
          ORDER BY i.at, i.value LIMIT 1) AS first,
        (SELECT value FROM reading i WHERE i.channel_id = o.channel_id AND i.at < o.at / 60000 * 60000 + 60000
          ORDER BY i.at DESC, i.value DESC LIMIT 1) AS last
        FROM reading o GROUP BY channel_id, o.at / 60000 ORDER BY channel_id, at`,
      ).all();
      assert.deepEqual(kept, computed);
    }),
    { numRuns: 40 },
  );
});

Deno.test("An hour's summary is that of its minutes", () => {
  using stored = new Stored();
  for (let minute = 90; minute >= 0; minute -= 7) {
    stored.add([[0, start + minute * minuteMs, minute], [0, start + minute * minuteMs + 1, -minute / 8]]);
  }
  const hours = stored.rollups(0, hourMs, start + dayMs);
  const minutes = stored.rollups(0, minuteMs, start + dayMs);
  assert.deepEqual(hours.map(({ at }) => at), [start, start + hourMs]);
  for (const hour of hours) {
    const own = minutes.filter(({ at }) => startOf(at, hourMs) === hour.at);
    assert.equal(hour.count, 2 * own.length);
    assert.equal(hour.low, Math.min(...own.map(({ low }) => low)));
    assert.equal(hour.high, Math.max(...own.map(({ high }) => high)));
    assert.equal(hour.sum, own.reduce((sum, each) => sum + each.sum, 0));
    assert.equal(hour.first, own[0]?.first);
    assert.equal(hour.last, own.at(-1)?.last);
  }
  assert.deepEqual(stored.rollups(0, 2 * hourMs, start + dayMs).map(({ count }) => count), [
    hours.reduce((sum, { count }) => sum + count, 0),
  ]);
});

Deno.test("Packed and unpacked readings give the same windows, wherever packing was interrupted", () => {
  fc.assert(
    fc.property(batches(12 * dayMs), fc.nat(12), fc.nat(12 * 24), (all, steps, hour) => {
      using stored = new Stored();
      all.forEach((batch) => stored.add(batch));
      const [from, to] = [start + hour * hourMs, start + (hour + 40) * hourMs];
      const before = channels.map((_, channel) => [stored.window(channel), stored.window(channel, from, to)]);
      stored.age(steps);
      assert.deepEqual(
        channels.map((_, channel) => [stored.window(channel), stored.window(channel, from, to)]),
        before,
      );
      stored.age();
      assert.deepEqual(
        channels.map((_, channel) => [stored.window(channel), stored.window(channel, from, to)]),
        before,
      );
      const cut = startOf(stored.newest - 7 * dayMs, dayMs);
      const old = stored.database.prepare("SELECT count(*) AS count FROM reading WHERE at < ?").get(cut)
        ?.count;
      assert.equal(old, 0);
    }),
    { numRuns: 40 },
  );
});

Deno.test("A reading older than what is packed is counted as late and changes nothing", () => {
  using stored = new Stored();
  stored.add([[0, start, 1], [0, start + 9 * dayMs, 2]]);
  stored.age();
  assert.deepEqual(stored.add([[0, start + 1, 5], [0, start + 8 * dayMs, 3]]), {
    stored: 1,
    overtaken: 0,
    repeated: 0,
    late: 1,
    dropped: 0,
  });
  assert.deepEqual(stored.window(0).map(([, value]) => value), [1, 3, 2]);
  assert.equal(stored.count("reading_rollup_1m"), 3);
});

Deno.test("What is too old is deleted: first the readings, then the summaries, and the file shrinks", () => {
  using stored = new Stored();
  const old = Array.from({ length: 50_000 }, (_, index): Sent => [0, start + index * 1000, Math.sin(index)]);
  stored.add(old);
  const size = () => {
    stored.database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    return Deno.statSync(stored.file).size;
  };
  const full = size();
  stored.add([[0, start + 20 * dayMs, 1]]);
  stored.age();
  assert.equal(stored.count("reading"), 1);
  assert.equal(stored.window(0).length, old.length + 1);
  assert.ok(size() < full / 2, `${size()} of ${full} bytes`);
  stored.add([[0, start + 40 * dayMs, 1]]);
  stored.age();
  assert.deepEqual(stored.window(0).map(([at]) => at), [start + 20 * dayMs, start + 40 * dayMs]);
  assert.equal(stored.count("reading_rollup_1h"), 16);
  stored.add([[0, start + 400 * dayMs, 1]]);
  stored.age();
  assert.deepEqual([stored.count("reading_rollup_1m"), stored.count("reading_rollup_1h")], [2, 2]);
});

Deno.test("The newest reading of each channel is known, also when it is packed", () => {
  using stored = new Stored();
  stored.add([[0, start, 1], [0, start + 1, 7], [1, start + 20 * dayMs, 2]]);
  stored.age();
  assert.deepEqual(stored.reader.answer({ kind: "latest" }), [
    { channel: channels[0], at: start + 1, value: 7 },
    { channel: channels[1], at: start + 20 * dayMs, value: 2 },
  ]);
  assert.equal((stored.reader.answer({ kind: "channels" }) as unknown[]).length, 2);
});

Deno.test("A reading that is ahead of the time of its source is not the newest one", () => {
  using stored = new Stored();
  stored.add([[0, start, 1], [0, start + 5000, 2], [0, start + hourMs, 9], [1, start + hourMs, 9]]);
  stored.ingest.add({
    times: [{ source: "iss", at: start + 6000 }],
    channels: [],
    channel: new Int32Array(),
    at: new Float64Array(),
    value: new Float64Array(),
  });
  assert.deepEqual(stored.reader.answer({ kind: "latest" }), [
    { channel: channels[0], at: start + 5000, value: 2 },
  ]);
  const overview = stored.reader.answer({ kind: "overview", text: "", first: 0, limit: 9 });
  assert.deepEqual(overview.channels.map(({ newest }) => newest), [{ at: start + 5000, value: 2 }, null]);
});

Deno.test("Readings that came too late or too early are stored, and a detector gets the others", () => {
  using stored = new Stored();
  const { inTime, late, early } = timing;
  stored.add([[0, start, 1], [0, start + 1, 2], [0, start + 2, 3]], {
    timing: Uint8Array.of(inTime, late, early),
  });
  assert.deepEqual(stored.inTime(0), [1]);
  assert.deepEqual(stored.window(0).map(([, value]) => value), [1, 2, 3]);
  // The early one comes again when it is time.
  assert.equal(stored.add([[0, start + 2, 3]]).repeated, 1);
  assert.deepEqual(stored.inTime(0), [1, 3]);
});

Deno.test("When a source's time goes back, a detector gets only what comes from then on", () => {
  using stored = new Stored();
  stored.add([[0, start, 1], [0, start + hourMs, 2], [0, start + hourMs + 1, 3], [1, start + hourMs, 4]]);
  stored.add([[0, start + 1000, 5], [0, start + hourMs + 1, 3]], {
    setBack: { source: "iss", to: start + 1000 },
    times: [{ source: "iss", at: start + 1000, setBack: { count: 1, to: start + 1000 } }],
  });
  assert.deepEqual(stored.inTime(0), [1, 5, 3]);
  assert.deepEqual(stored.inTime(1), []);
  assert.equal(stored.window(1).length, 1);
});

Deno.test("A chart has at most as many points as asked for, and misses no extreme", () => {
  using stored = new Stored();
  stored.add(
    Array.from(
      { length: 5_000 },
      (_, index): Sent => [0, start + index * 500, index === 3_210 ? 99 : index % 10],
    ),
  );
  for (const points of [1, 2, 7, 100, 2_000]) {
    const [from, to] = [start + 17, start + 2_500_000];
    const series = stored.reader.answer({
      kind: "series",
      channel: channels[0]!,
      from,
      to,
      points,
    }) as Rollup[];
    assert.ok(series.length <= points && series.length >= points / 3, `${series.length} of ${points}`);
    assert.equal(Math.max(...series.map(({ high }) => high)), 99);
  }
});

Deno.test("A CSV comes in pages that join without a gap, and no cell becomes a formula", () => {
  using stored = new Stored();
  const odd = [{ source: "iss", item: '=1+"2"', name: "odd", unit: "" }];
  stored.ingest.add({
    channels: odd,
    channel: new Int32Array(50_000),
    at: Float64Array.from({ length: 50_000 }, (_, index) => start + Math.floor(index / 3)),
    value: Float64Array.from({ length: 50_000 }, (_, index) => index % 3),
  });
  let lines: string[] = [];
  let from: number | null = start;
  while (from !== null) {
    const page = stored.reader.answer({ kind: "csv", channel: odd[0]!, from, to: start + dayMs }) as {
      text: string;
      nextFrom: number | null;
    };
    lines = [...lines, ...page.text.split("\r\n").slice(0, -1)];
    from = page.nextFrom;
  }
  assert.equal(new Set(lines).size, 50_000);
  assert.equal(lines[0], `2026-01-01T00:00:00.000Z,iss,"'=1+""2""",0,`);
});

Deno.test("A question that makes no sense is refused", () => {
  using stored = new Stored();
  const span = { channel: channels[0]!, from: start, to: start + dayMs } as const;
  assert.throws(
    () => stored.reader.answer({ ...span, kind: "rollups", stepMs: 1000 }),
    /multiple of a minute/,
  );
  assert.throws(() => stored.reader.answer({ ...span, kind: "window", from: NaN }), /no start/);
  assert.throws(() => stored.reader.answer({ ...span, kind: "series", points: 0 }), /at least one point/);
});

Deno.test("An older file is not read before it is brought up to date, and a newer one stays as it is", () => {
  using stored = new Stored();
  stored.add([[0, start, 1]]);
  stored.database.exec("DROP TABLE source_time");
  stored.database.exec("PRAGMA user_version = 2");
  assert.throws(() => openForReading(stored.file), /was not brought up to date by this Livecue yet/);
  openReadings(stored.file, "normal").close();
  const updated = openForReading(stored.file);
  assert.deepEqual(new ReadingsReader(updated).answer({ kind: "times" }), [{ source: "iss", at: start }]);
  updated.close();
  stored.database.exec("PRAGMA user_version = 99");
  const newer = /was made by a newer Livecue\. Update this one, or move the file away/;
  assert.throws(() => openReadings(stored.file, "normal"), newer);
  assert.throws(() => openForReading(stored.file), newer);
});

Deno.test("A file that is no database of readings is refused and stays as it is", () => {
  using stored = new Stored();
  stored.database.exec("PRAGMA application_id = 1");
  assert.throws(() => openReadings(stored.file, "normal"), /is not a database of readings/);
  assert.throws(() => openForReading(stored.file), /is not a database of readings/);
});
