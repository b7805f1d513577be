/** Runs a detector over readings in memory, or over stored ones, without acting on what it finds. */
import { latenessMs } from "../../reading.ts";
import type { ReadingAnswer, ReadingQuery } from "../../reading_query.ts";
import type { Detector } from "../detector.ts";
import type { ReadingAccess } from "./access.ts";
import { DetectorEngine } from "./engine.ts";
import { firstFrom, type Sample } from "./series.ts";
import type { Found, TrackRecord } from "./track.ts";

/** A reading of a channel. `at`: Unix milliseconds. */
export interface TestReading extends Sample {
  channel: string;
  /** Default "test". */
  source?: string;
}

interface Columns {
  at: Float64Array<ArrayBuffer>;
  value: Float64Array<ArrayBuffer>;
}

export class MemoryReadings implements ReadingAccess {
  readonly #columns = new Map<string, Columns>();
  readonly #channels: { source: string; item: string; name: string; unit: string }[] = [];

  constructor(readings: readonly TestReading[]) {
    const grouped = Map.groupBy(
      readings,
      ({ source = "test", channel }) => JSON.stringify([source, channel]),
    );
    for (const [key, group] of grouped) {
      const [source, item] = JSON.parse(key) as [string, string];
      const sorted = group.toSorted((one, other) => one.at - other.at || one.value - other.value);
      const column = (of: (reading: TestReading) => number) => Float64Array.from(sorted, of);
      this.#columns.set(key, { at: column(({ at }) => at), value: column(({ value }) => value) });
      this.#channels.push({ source, item, name: item, unit: "" });
    }
  }

  // deno-lint-ignore require-await
  async query<Query extends ReadingQuery>(query: Query): Promise<ReadingAnswer<Query>> {
    return this.#answer(query) as ReadingAnswer<Query>;
  }

  #answer(query: ReadingQuery): ReadingAnswer {
    switch (query.kind) {
      case "channels":
        return this.#channels;
      case "before": {
        const { at, value } = this.#columnsOf(query.channel);
        const index = firstFrom(at, query.at) - 1;
        return index < 0 ? [] : [{ at: at[index] as number, value: value[index] as number }];
      }
      case "window": {
        const { at, value } = this.#columnsOf(query.channel);
        const [start, end] = [firstFrom(at, query.from), firstFrom(at, query.to)];
        return { at: at.slice(start, end), value: value.slice(start, end), nextFrom: null };
      }
      default:
        throw new RangeError(`A detector does not ask for ${query.kind}.`);
    }
  }

  #columnsOf({ source, item }: { source: string; item: string }): Columns {
    const none = { at: new Float64Array(), value: new Float64Array() };
    return this.#columns.get(JSON.stringify([source, item])) ?? none;
  }
}

export interface RehearsalOptions {
  detector: Detector<unknown>;
  readings: ReadingAccess;
  /** By source: the time of its newest reading. */
  times: Record<string, number>;
  /** The first and the last time for which `detect` may be called. */
  from?: number;
  to?: number;
  stopping?: AbortSignal;
  onTrouble(sentence: string): void;
}

/** Everything that the detector finds, in order. */
export async function rehearse(options: RehearsalOptions): Promise<Found[]> {
  const { detector, readings, times, from, to = Infinity, onTrouble } = options;
  const all: Found[] = [];
  const start: TrackRecord | null = from === undefined
    ? null
    : { next: from, state: {}, cooling: {}, signals: { lost: [], backAt: 0 } };
  const engine: DetectorEngine = new DetectorEngine({
    detector,
    readings,
    stopping: options.stopping ?? new AbortController().signal,
    // Ticks are multiples of the detector's interval.
    recordOf: () =>
      Promise.resolve(start && { ...structuredClone(start), next: engine.tickFrom(start.next) }),
    onFound: (_source, found) => Promise.resolve(void all.push(...found)),
    onProgress: () => Promise.resolve(),
    onTrouble,
    catchUpMs: Infinity,
  });
  const ends = Object.entries(times).map(([source, at]) => [
    source,
    { source, at: Math.min(at, to + latenessMs) },
  ]);
  await engine.advance(Object.fromEntries(ends));
  return all.sort((one, other) => one.tick - other.tick);
}
