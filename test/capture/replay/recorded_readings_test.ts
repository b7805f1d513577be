import assert from "node:assert/strict";
import { Recorder } from "../../../src/capture/replay/recorder.ts";
import { createReplaySource } from "../../../src/capture/replay/replay.ts";
import type { ReadingBatch } from "../../../src/source.ts";
import { commentOf } from "../../support/captured_events.ts";
import { collect, only } from "../../support/collect.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const start = Date.UTC(2026, 10, 27);

async function withFile(run: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(`${folder}/recording.jsonl`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function record(path: string, batches: ReadingBatch[]): Promise<void> {
  const recorder = new Recorder(path);
  await recorder.start();
  for (const batch of batches) recorder.recordReadings(batch, "iss");
  await recorder.stop();
}

function replay(path: string, clock: FakeClock, speed: number | "max" = "max") {
  const source = createReplaySource({ path, speed, keepGaps: true, clock });
  return collect(source.open(new AbortController().signal), clock);
}

Deno.test("A replay gives the readings of a recording as they came: times, values, order, and what was wrong with them", () =>
  withFile(async (path) => {
    const batches: ReadingBatch[] = [
      {
        receivedAt: start,
        readings: [
          { channel: "NODE3000005", at: start - 1_500, value: 41 },
          { channel: "signal", at: start - 1_000, value: 1 },
          { channel: "NODE3000005", at: start + 7_200_000, value: -0.125 },
          { channel: "NODE3000005", at: null, value: 42 },
          { channel: "a b/ü", at: start, value: "closed" },
        ],
      },
      { receivedAt: start - 5_000, readings: [{ channel: "signal", at: start, value: 0 }] },
    ];
    await record(path, batches);
    const items = await replay(path, new FakeClock());
    assert.deepEqual(
      only(items, "readings").map(({ batch }) => batch),
      batches.map((batch) => ({ ...batch, source: "iss" })),
    );
    assert.deepEqual(only(items, "session"), [{ kind: "session", username: "iss", roomId: "" }]);
    assert.deepEqual(only(items, "notice"), []);
  }));

Deno.test("A recording has the names and units of channels and the silences of their source, and a replay gives them", () =>
  withFile(async (path) => {
    const labels = { level: { name: "Urine tank", unit: "%" } };
    const reading = (at: number) => ({
      readings: [{ channel: "level", at, value: 1 }],
      receivedAt: at,
      labels,
    });
    const batches: ReadingBatch[] = [
      reading(start),
      { readings: [], receivedAt: start + 65_000, silentMs: 5_000, labels },
      reading(start + 70_000),
    ];
    await record(path, batches);
    assert.equal((await Deno.readTextFile(path)).split("Urine tank").length, 2);
    assert.deepEqual(
      only(await replay(path, new FakeClock()), "readings").map(({ batch }) => batch),
      batches.map((batch) => ({ ...batch, source: "iss" })),
    );
  }));

Deno.test("A replay gives readings at the recorded times, and a recording may have events between them", () =>
  withFile(async (path) => {
    const clock = new FakeClock();
    const recorder = new Recorder(path);
    await recorder.start();
    const reading = { channel: "tank", at: start, value: 1 };
    recorder.recordReadings({ receivedAt: start, readings: [reading] }, "iss");
    recorder.record({
      event: { ...commentOf("hi"), createdAt: start + 30_000, isTest: true },
      raw: null,
      streamer: "ana",
    });
    recorder.recordReadings({ receivedAt: start + 60_000, readings: [reading] }, "iss");
    await recorder.stop();
    const items = await replay(path, clock, 10);
    assert.deepEqual(
      items.map(({ kind }) => kind).filter((kind) => kind === "event" || kind === "readings"),
      [
        "readings",
        "event",
        "readings",
      ],
    );
    assert.equal(clock.monotonic(), 6_000);
  }));

Deno.test("A line of readings that is wrong is skipped, with a sentence", () =>
  withFile(async (path) => {
    await record(path, [{ receivedAt: start, readings: [{ channel: "tank", at: start, value: 1 }] }]);
    const line = JSON.parse(await Deno.readTextFile(path));
    const wrong = [
      { ...line, readings: [1, 0, 5] },
      { ...line, readings: [0, 0] },
      { ...line, readings: [0, "0", 5] },
      { ...line, readings: [0, 0, null] },
      { ...line, at: "now" },
    ];
    const lines = [line, ...wrong].map((each) => JSON.stringify(each));
    await Deno.writeTextFile(path, lines.join("\n"));
    const items = await replay(path, new FakeClock());
    assert.equal(only(items, "readings").length, 1);
    const notices = only(items, "notice").map(({ text }) => text.replace(path, "FILE"));
    assert.equal(notices.length, wrong.length);
    assert.equal(
      notices[0],
      "Line 2 of FILE was skipped: readings: entry 1 is not a channel, a time and a value.",
    );
  }));

Deno.test("A recording of readings takes at most 40 bytes for each, with seven in a batch", () =>
  withFile(async (path) => {
    const batches = Array.from({ length: 100 }, (_, batch): ReadingBatch => ({
      receivedAt: start + batch * 100,
      readings: Array.from({ length: 7 }, (_, index) => ({
        channel: `NODE300000${index}`,
        at: start + batch * 100 - 2_000 - index,
        value: 40 + index,
      })),
    }));
    await record(path, batches);
    const { size } = await Deno.stat(path);
    assert.ok(size / 700 < 40, `${size / 700} bytes`);
  }));
