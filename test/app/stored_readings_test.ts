/** The way of readings into their database, with its real threads. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { StoredReadings, type StoredReadingsOptions } from "../../src/app/stored_readings.ts";
import { Deadline } from "../../src/deadline.ts";
import { exists } from "../../src/store/new_file.ts";
import { dayMs, minuteMs, type SourceTimes } from "../../src/reading_query.ts";
import type { ReadingBatch } from "../../src/source.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type HeardLog, heardLog } from "../support/heard_log.ts";
import { killWriters } from "../support/readings_kills.ts";
import { batchAt, days } from "../support/readings_run.ts";
import { withFolder } from "../support/temporary_store.ts";

interface Parts {
  file: string;
  clock: FakeClock;
  log: HeardLog;
  readings: StoredReadings;
  /** A batch of one channel with these values, a second apart, that came now. */
  batch(values: (number | string)[], startMs?: number): ReadingBatch;
}

async function withReadings(
  use: (parts: Parts) => Promise<void>,
  options: Partial<StoredReadingsOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const [file, clock, log] = [join(folder, "readings.db"), new FakeClock(), heardLog()];
    const days = { rawDays: 7, packedDays: 30, rollupDays: 365 };
    const readings = new StoredReadings({ file, durability: "normal", days, clock, log, ...options });
    const batch: Parts["batch"] = (values, startMs = clock.now()) => ({
      readings: values.map((value, index) => ({ channel: "level", at: startMs + index * 1000, value })),
      receivedAt: clock.now(),
    });
    try {
      await use({ file, clock, log, readings, batch });
    } finally {
      await readings.stop(new Deadline(clock));
    }
  });
}

const level = { source: "iss", item: "level" };

async function valuesOf(readings: StoredReadings): Promise<number[]> {
  const { value } = await readings.query({ kind: "window", channel: level, from: 0, to: 8e15 });
  return [...value];
}

Deno.test("What came while earlier readings were being stored is stored, too, when everything is awaited", async () => {
  await withReadings(async ({ readings, batch }) => {
    readings.add("iss", batch([1], 1_000));
    const first = readings.flushed();
    readings.add("iss", batch([2], 2_000));
    await readings.flushed();
    assert.deepEqual(await valuesOf(readings), [1, 2]);
    await first;
  });
});

Deno.test("A silence moves a source's time ahead of its last reading, and creates no database by itself", async () => {
  await withReadings(async ({ file, clock, readings, batch }) => {
    const silence = (silentMs: number) => ({ readings: [], receivedAt: clock.now(), silentMs });
    readings.add("iss", silence(5_000));
    await readings.flushed();
    assert.ok(!exists(file));
    readings.add("iss", batch([1]));
    readings.add("iss", silence(30_000));
    await readings.flushed();
    const at = clock.now();
    const news = await readings.news();
    const times = await new Promise((resolve) => news.wait({}, resolve));
    assert.deepEqual(times, { iss: { source: "iss", at: at + 30_000 } });
    // Detectors have judged up to twenty seconds after the last reading.
    readings.add("iss", batch([2], at + 10_000));
    readings.add("iss", batch([3], at + 25_000));
    await readings.flushed();
    const inTime = await readings.query({ kind: "window", channel: level, from: 0, to: 8e15, inTime: true });
    assert.deepEqual([...inTime.value], [1, 3]);
    assert.deepEqual(await valuesOf(readings), [1, 2, 3]);
  });
});

Deno.test("Readings that come are stored, each batch is acknowledged, and questions are answered", async () => {
  await withReadings(async ({ readings, batch }) => {
    assert.deepEqual(await valuesOf(readings), []);
    const committed: number[] = [];
    readings.add("iss", { ...batch([1, 2.5]), committed: () => committed.push(1) });
    readings.add("iss", { ...batch([4], 1_700_000_007_000), committed: () => committed.push(2) });
    await readings.flushed();
    assert.deepEqual(committed, [1, 2]);
    assert.deepEqual(await valuesOf(readings), [1, 2.5, 4]);
    const [newest] = await readings.query({ kind: "latest" });
    assert.deepEqual(newest, {
      channel: { ...level, name: "level", unit: "" },
      at: 1_700_000_007_000,
      value: 4,
    });
    const [minute] = await readings.query({
      kind: "rollups",
      channel: level,
      from: newest.at - dayMs,
      to: newest.at,
      stepMs: minuteMs,
    });
    assert.equal(minute?.sum, 7.5);
    await assert.rejects(
      readings.query({ kind: "series", channel: level, from: 0, to: 1, points: 0 }),
      RangeError,
    );
  });
});

Deno.test("Few readings are stored together within half a second", async () => {
  await withReadings(async ({ readings, batch, clock }) => {
    const stored = Promise.withResolvers<void>();
    readings.add("iss", { ...batch([1]), committed: stored.resolve });
    assert.equal(clock.timerCount, 1);
    clock.advance(500);
    await stored.promise;
    assert.equal(readings.counts.stored, 1);
  });
});

Deno.test("Readings whose sender waits are stored at once, also behind others", async () => {
  await withReadings(async ({ readings, batch }) => {
    const stored = (values: number[]) =>
      new Promise<void>((committed) =>
        void readings.add("iss", { ...batch(values), committed, isAwaited: true })
      );
    await stored([1]);
    readings.add("iss", batch([2]));
    await Promise.all([stored([3]), stored([4])]);
    assert.deepEqual((await valuesOf(readings)).sort(), [1, 2, 3, 4]);
  });
});

Deno.test("Wrong readings are counted, shown once a kind and source, and never stored", async () => {
  await withReadings(async ({ readings, batch, log, clock }) => {
    for (let round = 0; round < 3; round++) {
      readings.add("iss", batch(["off", 5, NaN], clock.now() + round));
      readings.add("iss", batch([6], clock.now() + 2 * dayMs));
      readings.add("other", batch(["off"]));
    }
    await readings.flushed();
    assert.deepEqual(readings.counts, {
      stored: 3,
      repeated: 0,
      late: 0,
      wrong: { not_a_number: 9, future: 3 },
      dropped: 0,
    });
    assert.deepEqual(await valuesOf(readings), [5, 5, 5]);
    assert.equal(log.entries.filter(({ level }) => level === "warn").length, 3);
  });
});

Deno.test("When this computer's clock is set back, the readings of a source go on", async () => {
  await withReadings(async ({ readings, batch, clock }) => {
    const now = clock.now();
    readings.add("iss", batch([1]));
    await readings.flushed();
    clock.shiftWall(-90 * dayMs);
    readings.add("iss", batch([2], now + minuteMs));
    await readings.flushed();
    assert.deepEqual(await valuesOf(readings), [1, 2]);
  });
});

Deno.test("A stored reading of the future is not its source's time, not after a restart either", async () => {
  await withReadings(async ({ file, clock, readings, batch }) => {
    const known = async (run: StoredReadings) => {
      const { promise, resolve } = Promise.withResolvers<SourceTimes>();
      (await run.news()).wait({}, resolve);
      return await promise;
    };
    const begin = clock.now();
    readings.add("iss", batch([1]));
    readings.add("iss", batch([2], begin + 20 * 60 * minuteMs));
    readings.add("iss", {
      readings: [{ channel: "other", at: begin + 1000, value: 3 }],
      receivedAt: begin + 1000,
    });
    await readings.flushed();
    assert.deepEqual(await known(readings), { iss: { source: "iss", at: begin + 1000 } });
    assert.deepEqual(await readings.query({ kind: "times" }), [{ source: "iss", at: begin + 1000 }]);
    const newest = await readings.query({ kind: "latest" });
    assert.deepEqual(newest.map(({ at, value }) => [at, value]), [[begin, 1], [begin + 1000, 3]]);
    await readings.stop(new Deadline(clock));
    const days = { rawDays: 7, packedDays: 30, rollupDays: 365 };
    const next = new StoredReadings({ file, durability: "normal", days, clock, log: heardLog() });
    try {
      assert.deepEqual(await known(next), { iss: { source: "iss", at: begin + 1000 } });
      next.add("iss", batch([4], begin + 2000));
      await next.flushed();
      assert.deepEqual(await known(next), { iss: { source: "iss", at: begin + 2000 } });
      assert.equal(next.counts.stored, 1);
    } finally {
      await next.stop(new Deadline(clock));
    }
  });
});

Deno.test("With too many waiting readings, their source waits, and none is lost", async () => {
  await withReadings(async ({ readings }) => {
    let waits: Promise<void> | null = null;
    let count = 0;
    for (; waits === null; count++) waits = readings.add("iss", batchAt(count));
    assert.ok(count <= 41, `${count} batches`);
    await waits;
    await readings.flushed();
    assert.equal(readings.counts.stored, count * 500);
  });
});

Deno.test("While another program locks the database, readings wait, and then all are stored", async () => {
  await withReadings(async ({ readings, batch, file, clock, log }) => {
    readings.add("iss", batch([1]));
    await readings.flushed();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    readings.add("iss", batch([2], clock.now() + minuteMs));
    const flushed = readings.flushed();
    await log.heard(/Readings cannot be stored.*locked by another program.*readings wait/);
    other.exec("COMMIT");
    other.close();
    clock.advance(1_000);
    await flushed;
    await log.heard(/Readings are stored again/);
    assert.deepEqual(await valuesOf(readings), [1, 2]);
    assert.equal(readings.counts.dropped, 0);
  });
});

Deno.test("A file that is no database of readings stays as it is, and readings are dropped until it is gone", async () => {
  await withReadings(async ({ readings, batch, file, clock, log }) => {
    await Deno.writeTextFile(
      file,
      "My notes, which are no database, and longer than SQLite's header. ".repeat(20),
    );
    let committed = 0;
    readings.add("iss", { ...batch([1]), committed: () => committed++ });
    await readings.flushed();
    const [problem] = log.entries.filter(({ level }) => level === "error");
    assert.match(problem?.text ?? "", /readings\.db .*Move it away/);
    readings.add("iss", { ...batch([2]), committed: () => committed++ });
    assert.equal(committed, 2);
    assert.equal(readings.counts.dropped, 2);
    assert.match(await Deno.readTextFile(file), /^My notes/);
    await Deno.remove(file);
    clock.advance(60_000);
    readings.add("iss", batch([3]));
    await readings.flushed();
    await log.heard(/Readings are stored again/);
    assert.deepEqual(await valuesOf(readings), [3]);
  });
});

Deno.test("After the file was moved away, further readings go into a new one", async () => {
  await withReadings(async ({ readings, batch, file, clock }) => {
    readings.add("iss", batch([1]));
    await readings.flushed();
    assert.deepEqual(await valuesOf(readings), [1]);
    for (const end of ["", "-wal", "-shm"]) await Deno.rename(file + end, `${file}.old${end}`);
    readings.add("iss", batch([2], clock.now() + minuteMs));
    await readings.flushed();
    assert.deepEqual(await valuesOf(readings), [2]);
    assert.equal(readings.counts.stored, 2);
  });
});

Deno.test("Only one run at a time writes a file of readings", async () => {
  await withReadings(async ({ readings, batch, file, clock }) => {
    readings.add("iss", batch([1]));
    await readings.flushed();
    const log = heardLog();
    const days = { rawDays: 7, packedDays: 30, rollupDays: 365 };
    const other = new StoredReadings({ file, durability: "normal", days, clock, log });
    other.add("iss", batch([2]));
    await other.stop(new Deadline(clock));
    await log.heard(/is in use by another Livecue/);
    assert.equal(other.counts.dropped, 1);
  });
});

Deno.test("A stop stores what waits, and says how many readings there were", async () => {
  await withReadings(async ({ readings, batch, log, clock }) => {
    readings.add("iss", batch([1, 2, "off"]));
    await readings.stop(new Deadline(clock));
    assert.equal(readings.counts.stored, 2);
    await log.heard(/^Readings: 2 stored, 1 wrong\.$/);
  });
});

Deno.test("After a stop everything is in the database file, and its log is gone", async () => {
  await withReadings(async ({ file, readings, batch, clock }) => {
    readings.add("iss", batch([1, 2]));
    await readings.flushed();
    assert.deepEqual(await valuesOf(readings), [1, 2]);
    await readings.stop(new Deadline(clock));
    for (const end of ["-wal", "-shm"]) await assert.rejects(Deno.stat(file + end), Deno.errors.NotFound);
  });
});

Deno.test("After kills at any moment of storing, packing and deletion, each acknowledged reading is counted exactly once", async () => {
  await withFolder(async (folder) => {
    const { chunks } = await killWriters(folder, { seed: 7, kills: 3, days });
    assert.ok(chunks > 10, `${chunks} chunks`);
  });
  await withFolder(async (folder) => {
    const short = { rawDays: 1, packedDays: 3, rollupDays: 6 };
    const { deleted } = await killWriters(folder, { seed: 8, kills: 2, days: short });
    assert.ok(deleted > 0, "nothing is deleted");
  });
});

const unshare = ["--user", "--map-root-user", "--mount"];
const canMount = Deno.build.os === "linux" &&
  await new Deno.Command("unshare", { args: [...unshare, "mount", "-t", "tmpfs", "tmpfs", "/mnt"] }).output()
    .then(({ success }) => success, () => false);

Deno.test({
  name: `While the disk is full, readings wait, and all are stored when it has room${
    canMount ? "" : " (no small disk can be made here)"
  }`,
  ignore: !canMount,
  async fn() {
    const program = fileURLToPath(new URL("../support/readings_on_a_small_disk.ts", import.meta.url));
    await withFolder(async (folder) => {
      const script = `mount -t tmpfs -o size=6m tmpfs "$1" && head -c 5500000 /dev/zero > "$1/ballast" && ` +
        'exec "$2" run -A --quiet --no-check --no-prompt "$3" "$1"';
      const args = [...unshare, "sh", "-c", script, "sh", folder, Deno.execPath(), program];
      const { stdout, stderr } = await new Deno.Command("unshare", { args }).output();
      assert.equal(new TextDecoder().decode(stderr), "");
      const { text, committedWhenFull, committed, count, counts } = JSON.parse(
        new TextDecoder().decode(stdout),
      );
      assert.match(text, /The disk is full: free some space\. Until then readings wait/);
      assert.ok(committedWhenFull < 60);
      assert.equal(committed, 60);
      assert.equal(count, 30_000);
      assert.equal(counts.dropped, 0);
    });
  },
});
