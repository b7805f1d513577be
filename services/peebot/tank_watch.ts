/**
 * Watches the tank through short windows, one after another, and remembers what it needs of the earlier ones. A window
 * that was skipped, because its signal was lost, ends the memory: nothing is judged over a gap.
 */
import { type Fill, FillDetection } from "./fill_detection.ts";
import type { Sample } from "./level.ts";
import type { DetectionOptions } from "./options.ts";

/** The part of the readings that one window shows. Times are Unix milliseconds by the source's clock. */
export interface Glimpse {
  from: number;
  to: number;
  /** In order of time, within the window. */
  levels: Iterable<Sample>;
  /** In order of time, with the last one before the window. */
  processor: readonly Sample[];
}

/** JSON. */
export interface Memory {
  /** The end of the last window; 0: there was none. */
  lastTo: number;
  signalSince: number;
  judgedUntil: number;
  levels: Sample[];
  processor: Sample[];
}

/** The windows end at the multiples of this, and are so long that late readings still get into one. */
export const everySeconds = 10;
export const windowSeconds = 60;

/** Closer readings say nothing new, and would only fill the memory. */
const closestMs = 5_000;

export function emptyMemory(): Memory {
  return { lastTo: 0, signalSince: 0, judgedUntil: 0, levels: [], processor: [] };
}

export class TankWatch {
  readonly #detection: FillDetection;

  constructor(options: DetectionOptions) {
    this.#detection = new FillDetection(options);
  }

  /** The fill that has just ended, or null. Changes the memory. */
  see({ from, to, levels, processor }: Glimpse, memory: Memory): Fill | null {
    if (to - memory.lastTo > everySeconds * 1000) {
      Object.assign(memory, { signalSince: from, levels: [], processor: [] });
    }
    memory.lastTo = to;
    const earliest = to - this.#detection.windowMs;
    memory.levels = since(earliest, [...memory.levels.filter(({ at }) => at < from), ...levels]);
    memory.levels = thinned(memory.levels);
    const known = memory.processor.filter(({ at }) => at < (processor[0]?.at ?? to));
    memory.processor = since(earliest - this.#detection.windowMs, [...known, ...processor]);
    const { signalSince } = memory;
    return this.#detection.find(
      { now: to, levels: memory.levels, processor: memory.processor, signalSince },
      memory,
    );
  }
}

/** The readings from then on, and the one before them, which still held. */
function since(earliest: number, samples: readonly Sample[]): Sample[] {
  const first = samples.findIndex(({ at }) => at > earliest);
  return samples.slice(Math.max(0, first < 0 ? samples.length - 1 : first - 1));
}

/** The last reading of each span, because it is the one that still holds after the span. */
function thinned(samples: readonly Sample[]): Sample[] {
  const span = ({ at }: Sample) => Math.floor(at / closestMs);
  return samples.filter((sample, index) => {
    const next = samples[index + 1];
    return next === undefined || span(next) !== span(sample);
  });
}
