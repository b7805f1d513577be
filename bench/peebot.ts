/**
 * How well the fills of a simulated urine tank are found at the default settings, by noise, rate of the readings, and
 * size. It fails below the targets. The seeds are none of those with which the defaults were chosen.
 */
import { detectionSchema } from "../services/peebot/options.ts";
import {
  type FillFate,
  findFills,
  qualityOf,
  type Score,
  score,
  smallestFill,
} from "../test/support/fill_score.ts";
import { Tank, type TankOptions } from "../test/support/tank.ts";
import { type Benchmark, type BenchmarkOptions, type Figure, isMet, runAlone } from "./benchmark.ts";

const rates = [1, 10, 60, "on_change"] as const;
/** Standard deviations in percent: readings jump by one now and then, mostly, and by two or three. */
const noises = [0.3, 0.6, 0.9];
const firstSeed = 7001;
const sizes = [[smallestFill, 3], [3, 4], [4, 6], [6, 8]] as const;
const targets = { precision: { atLeast: 0.95 }, recall: { atLeast: 0.9 } };

interface Run extends Score {
  rate: TankOptions["rate"];
  noise: number;
}

export const benchmark: Benchmark = {
  name: "peebot",
  about:
    "The fills of a simulated urine tank are found in its readings, with noise, losses of signal, stuck values and " +
    `repeated readings. Fills of at least ${smallestFill} % count, if the signal was there.`,
  async *measure(options) {
    const runs = runAll(options);
    const whole = qualityOf(runs);
    const main: Figure[] = [
      { name: "precision", value: whole.precision, unit: "", target: targets.precision },
      { name: "recall", value: whole.recall, unit: "", target: targets.recall },
    ];
    yield* main;
    yield { name: "fills that count", value: whole.found + whole.missed, unit: "" };
    yield { name: `fills below ${smallestFill} %, left out`, value: whole.too_small, unit: "" };
    yield { name: "fills that no reading shows, left out", value: whole.hidden, unit: "" };
    yield* byCircumstance(runs);
    yield* bySize(runs);
    const missed = main.filter((figure) => !isMet(figure)).map(({ name }) => name);
    if (missed.length > 0) throw new Error(`Below its target: ${missed.join(", ")}.`);
  },
};

function runAll({ isShort }: BenchmarkOptions): Run[] {
  const options = detectionSchema.parse({});
  return rates.flatMap((rate, index) =>
    noises.map((noise, place) => {
      const seed = firstSeed + 10 * index + place;
      // Of readings that come each second, a day is most of the work.
      const days = (isShort ? 1 : 4) / (isShort && rate === 1 ? 4 : 1);
      const tank = new Tank({ seed, days, rate, noise });
      return { rate, noise, ...score(tank, findFills(tank, options)) };
    })
  );
}

function* byCircumstance(runs: readonly Run[]): Generator<Figure> {
  for (const { rate, noise, ...scored } of runs) {
    const { precision, recall } = qualityOf([scored]);
    const when = `${rate === "on_change" ? "on change" : `each ${rate} s`}, noise ${noise}`;
    yield { name: `${when}: precision`, value: precision, unit: "" };
    yield { name: `${when}: recall`, value: recall, unit: "" };
  }
}

function* bySize(runs: readonly Run[]): Generator<Figure> {
  const fills = runs.flatMap((run) => run.fills);
  for (const [from, to] of sizes) {
    const count = (wanted: FillFate) =>
      fills.filter(({ size, fate }) => fate === wanted && size >= from && size < to).length;
    const [found, missed] = [count("found"), count("missed")];
    if (found + missed > 0) {
      yield { name: `fills of ${from} to ${to} %: recall`, value: found / (found + missed), unit: "" };
    }
  }
}

if (import.meta.main) await runAlone(benchmark);
