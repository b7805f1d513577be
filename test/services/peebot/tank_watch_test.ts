import assert from "node:assert/strict";
import type { Fill } from "../../../services/peebot/fill_detection.ts";
import type { Sample } from "../../../services/peebot/level.ts";
import { detectionSchema } from "../../../services/peebot/options.ts";
import { paneLines } from "../../../services/peebot/pane.ts";
import { emptyMemory, everySeconds, TankWatch, windowSeconds } from "../../../services/peebot/tank_watch.ts";

const start = Date.UTC(2026, 0, 1);
const options = detectionSchema.parse({});

/** The level rises by 4 % after 300 of 600 seconds. */
const levels: Sample[] = Array.from({ length: 600 }, (_, second) => ({
  at: start + second * 1000,
  value: (second < 300 ? 20 : 24) + second * 7 % 2,
}));

/** Watches all windows but those between `skip`, in seconds. `restartEvery`: after so many windows its memory is read anew. */
function watch(
  readings: readonly Sample[],
  { skip = [0, 0], restartEvery = Infinity, processor = [], delayOf = () => 0 }: {
    delayOf?: (sample: Sample) => number;
    skip?: readonly [from: number, to: number];
    restartEvery?: number;
    processor?: Sample[];
  } = {},
): Fill[] {
  let memory = emptyMemory();
  let tank = new TankWatch(options);
  const found: Fill[] = [];
  for (let second = windowSeconds, count = 1; second <= 600; second += everySeconds, count++) {
    if (second > skip[0] && second < skip[1]) continue;
    const [from, to] = [start + (second - windowSeconds) * 1000, start + second * 1000];
    const within = readings.filter((each) =>
      each.at >= from && each.at < to && each.at + delayOf(each) <= to
    );
    const fill = tank.see(
      { from, to, levels: within, processor: processor.filter(({ at }) => at < to) },
      memory,
    );
    if (fill !== null) found.push(fill);
    if (count % restartEvery === 0) {
      memory = JSON.parse(JSON.stringify(memory));
      tank = new TankWatch(options);
    }
    assert.ok(memory.levels.length <= 210, String(memory.levels.length));
  }
  return found;
}

Deno.test("Through short windows a fill is found once, and a restart after each of them changes nothing", () => {
  const found = watch(levels);
  assert.deepEqual(found.map(({ level, rise }) => [level, rise]), [[24, 4]]);
  assert.deepEqual(watch(levels, { restartEvery: 1 }), found);
});

Deno.test("Windows that were skipped, because the signal was lost, end what it remembers", () => {
  assert.deepEqual(watch(levels, { skip: [290, 320] }), []);
  assert.equal(watch(levels, { skip: [60, 120] }).length, 1);
});

Deno.test("Readings that come 40 seconds late hide no fill and make none", () => {
  const changes = levels.filter(({ value }, index) => value !== levels[index - 1]?.value);
  const isLate = ({ at }: Sample) => at === start + 300_000 || at % 11_000 === 0;
  const inTime = watch(changes);
  assert.equal(inTime.length, 1);
  const late = watch(changes, { delayOf: (sample) => isLate(sample) ? 40_000 : 0 });
  assert.deepEqual(late.map(({ from, rise }) => [from, rise]), inTime.map(({ from, rise }) => [from, rise]));
});

Deno.test("Of a source that sends only changes, the last value of several holds", () => {
  const quiet = [0, 1, 2, 3].map((second) => ({
    at: start + second * 1000,
    value: second % 2 === 0 ? 24 : 20,
  }));
  assert.deepEqual(watch([...quiet, { at: start + 300_000, value: 24 }]).map(({ rise }) => rise), [4]);
});

Deno.test("The processor's state of earlier windows is remembered", () => {
  const maintenance = [{ at: start, value: 32 }, { at: start + 100_000, value: 8 }, {
    at: start + 150_000,
    value: 32,
  }];
  assert.deepEqual(watch(levels, { processor: maintenance }), []);
});

Deno.test("The pane shows the level with a bar, the state, the last fill and the next post", () => {
  const fill = { at: start + 3_600_000, rise: 4 };
  const lines = paneLines({
    level: 41,
    processor: 16,
    fill,
    nextAt: start + 5_400_000,
    place: "bsky.social",
  });
  assert.deepEqual(lines, [
    { label: "level", value: "41 %", part: 0.41 },
    { label: "processor", value: "normal: it empties the tank" },
    { label: "last fill", value: "+4 % at 01:00 UTC" },
    { label: "posts to", value: "bsky.social" },
    { label: "next post", value: "from 01:30 UTC" },
  ]);
  const empty = paneLines({ level: null, processor: null, fill: null, nextAt: null, place: "dry run" });
  assert.deepEqual(empty.map(({ value }) => value), [
    "no reading yet",
    "no reading yet",
    "none yet",
    "dry run",
    "with the next fill",
  ]);
});
