import assert from "node:assert/strict";
import fc from "fast-check";
import { type Detection, Detector, type DetectorState, type Window } from "livecue/detector";
import { type Sample, Series } from "../../src/kit/detection/series.ts";
import { DetectorEngine } from "../../src/kit/detection/engine.ts";
import { MemoryReadings, type TestReading } from "../../src/kit/detection/rehearsal.ts";
import { detectIn } from "livecue/testing/detector";
import type { Found, TrackRecord } from "../../src/kit/detection/track.ts";
import type { ServiceContext } from "../../src/kit/service.ts";

const context = { options: {} } as unknown as ServiceContext;

/** Detects that the mean has risen since the last call, so its state matters. */
class Rising extends Detector {
  override readonly channels = ["tank"];
  override readonly windowSeconds = 30;
  override readonly everySeconds = 5;
  override readonly cooldownSeconds = 20;
  override readonly maxGapSeconds = 8;

  override detect(window: Window, state: DetectorState): Detection | null {
    const { mean } = window.of("tank");
    const last = Number(state["mean"] ?? mean);
    state["mean"] = mean;
    return mean > last + 0.5 ? { text: `from ${last} to ${mean}`, values: { mean } } : null;
  }
}

/** Judges the readings up to each of the times, with a new engine after each of them that `restarts` names. */
async function run(readings: TestReading[], times: number[], restarts: ReadonlySet<number> = new Set()) {
  const found: Found[] = [];
  let stored: TrackRecord | null = null;
  const make = () =>
    new DetectorEngine({
      detector: new Rising(context),
      readings: new MemoryReadings(readings),
      stopping: new AbortController().signal,
      recordOf: () => Promise.resolve(structuredClone(stored)),
      onFound: (_source, each, record) => {
        found.push(...each);
        stored = record;
        return Promise.resolve();
      },
      onProgress: () => Promise.resolve(),
      onTrouble: (sentence) => assert.fail(sentence),
    });
  let engine = make();
  for (const time of times) {
    await engine.advance({ test: { source: "test", at: time } });
    if (restarts.has(time)) engine = make();
  }
  return found;
}

/** A walk with pauses, by seconds. */
const walk = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -2, max: 3 })),
  { minLength: 1, maxLength: 200 },
).map((steps) => {
  let [at, value] = [1_000_000_000_000, 0];
  return steps.map(([seconds, rise]): TestReading => {
    return { channel: "tank", at: at += seconds * 1000, value: value += rise };
  });
});

Deno.test("A detector finds the same, in whatever parts its readings come, and after any restarts", async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(walk, fc.infiniteStream(fc.boolean()), async (readings, choices) => {
      const times = readings.map(({ at }) => at);
      const end = times.at(-1) as number;
      const whole = await run(readings, [end]);
      for (const { type } of whole) kinds.add(type);
      const some = times.filter((time) => choices.next().value || time === end);
      assert.deepEqual(await run(readings, some), whole);
      const restarts = new Set(some.filter(() => choices.next().value));
      assert.deepEqual(once(await run(readings, some, restarts)), whole);
    }),
    { numRuns: 150 },
  );
  assert.deepEqual(kinds, new Set(["DetectionEvent", "SignalEvent"]));
});

/** A restart repeats what was found at ticks that were not stored; events have ids, so that nobody sees it twice. */
function once(found: Found[]): Found[] {
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}

Deno.test("An error of detect is told with its window, and later windows are judged", async () => {
  class Failing extends Detector {
    override readonly channels = ["tank"];
    override readonly windowSeconds = 10;
    override readonly everySeconds = 10;

    override detect(window: Window): Detection | null {
      if (window.of("tank").high > 25) throw new Error("the tank is hot");
      if (window.of("tank").high > 15) window.of("pump");
      return { text: "cold" };
    }
  }
  const readings = Array.from({ length: 60 }, (_, second) => ({
    channel: "tank",
    at: second * 1000,
    value: second < 40 ? second : 0,
  }));
  const { detections, troubles } = await detectIn(Failing, readings);
  assert.deepEqual(detections.map(({ window }) => window.to), [10_000, 50_000, 60_000]);
  assert.match(
    troubles[0] as string,
    /^detect of Failing failed for 1970-01-01T00:00:20.000Z: the window has no channel "pump"/,
  );
  assert.match(troubles[1] as string, /for 1970-01-01T00:00:30.000Z: the tank is hot$/);
});

Deno.test("A held channel may be silent, and while its source has no signal, nothing is judged", async () => {
  class Held extends Detector {
    override readonly channels = ["tank"];
    override readonly heldChannels = ["state"];
    override readonly windowSeconds = 20;
    override readonly everySeconds = 10;
    override readonly maxGapSeconds = 15;

    override detect(window: Window): Detection | null {
      const state = window.of("state");
      return { text: `state ${(state.last ?? state.before)?.value}` };
    }
  }
  const tank = Array.from({ length: 300 }, (_, second) => ({ channel: "tank", at: second * 1000, value: 1 }));
  const signal = [[0, 1], [100, 0], [150, 1]].map(([second, value]) => {
    return { channel: "signal", at: second! * 1000, value: value! };
  });
  const state = [{ channel: "state", at: 0, value: 4 }];
  const { detections, signals } = await detectIn(Held, [...tank, ...signal, ...state]);
  const ends = detections.map(({ window }) => window.to / 1000);
  assert.deepEqual(ends.filter((end) => end > 100 && end < 170), []);
  assert.deepEqual([ends.includes(100), ends.includes(170), ends.at(-1)], [true, true, 300]);
  assert.ok(detections.every(({ text }) => text === "state 4"));
  assert.deepEqual(signals.map(({ channel, state, at }) => [channel, state, at]), [
    ["signal", "lost", 110_000],
    ["signal", "back", 160_000],
  ]);
});

Deno.test("A detector that could never judge a channel, because it is held too, is refused", async () => {
  for (
    const [channel, held] of [["tank", "tank"], ["iss:tank", "tank"], ["tank", "*"], ["ta*", "t*"]] as const
  ) {
    class Both extends Detector {
      override readonly channels = [channel];
      override readonly heldChannels = [held];
      override readonly windowSeconds = 20;
      override readonly name = "both";

      override detect(): null {
        return null;
      }
    }
    await assert.rejects(detectIn(Both, []), {
      name: "UserError",
      message: `The detector both has "${channel}" in "channels", and "heldChannels" covers it, too. ` +
        'Leave it out of "heldChannels", so that its readings are judged.',
    });
  }
});

const samples = fc.array(
  fc.record({ at: fc.integer({ min: 0, max: 100_000 }), value: fc.integer({ min: -1000, max: 1000 }) }),
  { maxLength: 60 },
).map((all) => all.map((each) => ({ ...each })).toSorted((one, other) => one.at - other.at));

Deno.test("The statistics of a series fit their plain definitions", () => {
  fc.assert(fc.property(samples, fc.option(fc.integer({ min: -50_000, max: -1 })), (all, beforeAt) => {
    const before = beforeAt === null ? null : { at: beforeAt, value: 5 };
    const series = seriesOf(all, before);
    const values = all.map(({ value }) => value);
    assert.equal(series.count, all.length);
    assert.deepEqual([...series], all);
    assert.deepEqual([series.first, series.last], [all[0] ?? null, all.at(-1) ?? null]);
    if (all.length > 0) {
      assert.deepEqual([series.low, series.high], [Math.min(...values), Math.max(...values)]);
      near(series.mean, values.reduce((sum, each) => sum + each, 0) / values.length);
      near(series.median, plainMedian(values));
    } else assert.ok([series.low, series.high, series.mean, series.median].every(Number.isNaN));
    near(series.slope, plainSlope(all));
    assert.equal(
      series.changes,
      values.filter((value, index) => index > 0 && value !== values[index - 1]).length,
    );
    assert.deepEqual(series.gaps, plainGaps(all, before));
    assert.equal(series.isStale, 100_000 - ((all.at(-1) ?? before)?.at ?? -Infinity) > 20_000);
    const part = series.between(30_000, 60_000);
    assert.deepEqual([...part], all.filter(({ at }) => at >= 30_000 && at < 60_000));
    assert.deepEqual(part.before, all.findLast(({ at }) => at < 30_000) ?? before);
  }));
});

function seriesOf(all: Sample[], before: Sample | null): Series {
  return new Series({
    channel: "tank",
    from: 0,
    to: 100_000,
    at: Float64Array.from(all, ({ at }) => at),
    value: Float64Array.from(all, ({ value }) => value),
    before,
    maxGapMs: 20_000,
  });
}

function near(actual: number, expected: number): void {
  if (Number.isNaN(expected)) return assert.ok(Number.isNaN(actual));
  assert.ok(
    Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );
}

function plainMedian(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] as number) + (sorted[Math.ceil(half)] as number)) / 2;
}

/** Per second: the covariance of times and values, divided by the variance of the times. */
function plainSlope(all: Sample[]): number {
  const count = all.length;
  const mean = (of: (sample: Sample) => number) => all.reduce((sum, each) => sum + of(each), 0) / count;
  const [at, value] = [mean((each) => each.at), mean((each) => each.value)];
  const variance = mean((each) => (each.at - at) ** 2);
  if (count < 2 || all.every((each) => each.at === all[0]?.at)) return NaN;
  return 1000 * mean((each) => (each.at - at) * (each.value - value)) / variance;
}

function plainGaps(all: Sample[], before: Sample | null): { from: number; to: number }[] {
  const times = [before?.at ?? 0, ...all.map(({ at }) => at), 100_000];
  return times.slice(1).map((to, index) => ({ from: times[index] as number, to }))
    .filter(({ from, to }) => to - from > 20_000 && to > 0);
}
