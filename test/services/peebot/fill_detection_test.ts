import assert from "node:assert/strict";
import { type Fill, FillDetection } from "../../../services/peebot/fill_detection.ts";
import { type Sample, summarize } from "../../../services/peebot/level.ts";
import { detectionSchema } from "../../../services/peebot/options.ts";
import { findFills, qualityOf, score } from "../../support/fill_score.ts";
import { Tank, type TankOptions } from "../../support/tank.ts";

const defaults = detectionSchema.parse({});
/** A tank in which nothing happens but the fills. */
const calm: Partial<TankOptions> = { lossesPerDay: 0, stuckPerDay: 0, burstsPerDay: 0, transfersPerDay: 0 };

/** A level at each 5 s, from pairs of seconds and the percent that is shown from then on. */
function levels(seconds: number, ...shown: [from: number, value: number][]): Sample[] {
  return Array.from({ length: seconds / 5 }, (_, index) => ({
    at: index * 5000,
    value: shown.findLast(([from]) => from <= index * 5)?.[1] ?? 0,
  }));
}

/** Judges every 10 s. */
function find(
  readings: Sample[],
  { processor = [], signalSince = 0, ...options }: {
    processor?: Sample[];
    signalSince?: number;
    max_rise?: number;
  } = {},
): Fill[] {
  const detection = new FillDetection({ ...defaults, ...options });
  const memory = { judgedUntil: 0 };
  const found: Fill[] = [];
  for (let now = 10_000; now <= (readings.at(-1)?.at ?? 0); now += 10_000) {
    const fill = detection.find(
      { now, levels: readings.filter(({ at }) => at <= now), processor, signalSince },
      memory,
    );
    if (fill !== null) found.push(fill);
  }
  return found;
}

const step = levels(600, [0, 20], [300, 24]);

Deno.test("A rise of four percent that is held is one fill, with its level, its rise and its time", () => {
  const [fill, ...others] = find(step);
  assert.deepEqual(others, []);
  assert.deepEqual([fill?.level, fill?.rise], [24, 4]);
  assert.ok(Math.abs((fill?.from ?? 0) - 300_000) <= 30_000, String(fill?.from));
  assert.ok((fill?.to ?? 0) >= 300_000 && (fill?.to ?? 0) <= 330_000, String(fill?.to));
  assert.ok((fill?.confidence ?? 0) > 0.5);
});

Deno.test("A rise that is not held, one of a single percent, and a fall are no fills", () => {
  assert.deepEqual(find(levels(600, [0, 20], [300, 24], [330, 20])), []);
  assert.deepEqual(find(levels(600, [0, 20], [300, 21])), []);
  assert.deepEqual(find(levels(600, [0, 24], [300, 20])), []);
});

Deno.test("A slow fill of five minutes is one fill", () => {
  const slow = levels(
    900,
    [0, 20],
    ...[1, 2, 3, 4, 5].map((part): [number, number] => [240 + 60 * part, 20 + part]),
  );
  assert.equal(find(slow).length, 1);
});

Deno.test("Two visits after one another are two fills", () => {
  assert.deepEqual(find(levels(900, [0, 20], [300, 24], [540, 27])).map(({ rise }) => rise), [4, 3]);
});

Deno.test("A level that has changed when the signal comes back is no fill", () => {
  assert.deepEqual(find(step, { signalSince: 295_000 }), []);
});

Deno.test("A rise during maintenance, and one larger than any visit, is no fill", () => {
  assert.deepEqual(find(step, { processor: [{ at: 0, value: 32 }, { at: 250_000, value: 8 }] }), []);
  assert.deepEqual(find(step, { max_rise: 3 }), []);
});

Deno.test("A small rise right after the processor has stopped runs back from it", () => {
  const processor = [{ at: 0, value: 16 }, { at: 280_000, value: 32 }];
  const small = levels(600, [0, 20], [300, 22]);
  assert.equal(find(small).length, 1);
  assert.equal(find(small, { processor }).length, 0);
  assert.equal(find(step, { processor }).length, 1);
});

Deno.test("The median of a span is by time, and within the whole percent", () => {
  const readings = [{ at: 0, value: 20 }, { at: 60_000, value: 21 }, { at: 80_000, value: 20 }];
  const held = summarize(readings, 30_000, 60_000);
  assert.equal(held?.median, 20);
  const mixed = summarize(readings, 0, 100_000);
  assert.equal(mixed?.median, 20.125);
  assert.equal(mixed?.count, 3);
  assert.equal(summarize(readings, -1, 10), null);
});

Deno.test("In a calm tank, each detection is a fill, and nearly every fill is found, through the turn of the year", () => {
  for (const [rate, least] of [[5, 1], ["on_change", 0.9]] as const) {
    const tank = new Tank({ ...calm, seed: 401, days: 1, rate, noise: 0.1 });
    const quality = qualityOf([score(tank, findFills(tank, defaults))]);
    assert.equal(quality.precision, 1, JSON.stringify({ rate, ...quality }));
    assert.ok(quality.recall >= least, JSON.stringify({ rate, ...quality }));
  }
});

Deno.test("With noise, bursts, losses of signal and late readings, 95 of 100 detections are fills, and 90 of 100 fills are found", () => {
  const scores = ([10, 30, "on_change"] as const).flatMap((rate, index) =>
    [0.4, 0.7].map((noise, place) => {
      const tank = new Tank({ seed: 500 + 10 * index + place, days: 1.5, rate, noise });
      return score(tank, findFills(tank, defaults));
    })
  );
  const quality = qualityOf(scores);
  const counted = quality.found + quality.missed;
  assert.ok(counted > 150, String(counted));
  assert.ok(quality.hidden + quality.too_small < 0.15 * counted, JSON.stringify(quality));
  assert.ok(quality.precision >= 0.95, JSON.stringify(quality));
  assert.ok(quality.recall >= 0.9, JSON.stringify(quality));
});

Deno.test("A tank of the same seed has the same readings and the same fills", () => {
  const [one, other] = [0, 1].map(() => {
    const tank = new Tank({ days: 0.2, rate: 30 });
    return { readings: [...tank.readings()], fills: tank.fills };
  });
  assert.deepEqual(one, other);
  assert.ok((one?.readings.length ?? 0) > 500);
});
