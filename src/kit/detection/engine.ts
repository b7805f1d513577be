/** Runs a detector over the readings of all sources that have its channels, each source on its own track. */
import { systemClock } from "../../clock.ts";
import { t } from "../../language.ts";
import { latenessMs } from "../../reading.ts";
import type { IdleTimes, SourceTime, SourceTimes } from "../../reading_query.ts";
import type { Detector } from "../detector.ts";
import type { ReadingAccess } from "./access.ts";
import { type Definition, definitionOf } from "./definition.ts";
import { type Found, signalChannel, Track, type TrackRecord } from "./track.ts";

export interface EngineOptions {
  detector: Detector<unknown>;
  readings: ReadingAccess;
  /** When it aborts, work ends soon. */
  stopping: AbortSignal;
  /** What was stored of the source's track; null at the first time. */
  recordOf(source: string): Promise<TrackRecord | null>;
  /** Stores what was found at a tick together with the track's record. */
  onFound(source: string, found: Found[], record: TrackRecord): Promise<void>;
  /** Stores a track's progress. Called from time to time. */
  onProgress(source: string, record: TrackRecord): Promise<void>;
  onTrouble(sentence: string): void;
  /** Instead of the detector's own. */
  catchUpMs?: number;
}

/** How often progress is stored while nothing is found. */
const betweenSavesMs = 5_000;

export class DetectorEngine {
  readonly #options: EngineOptions;
  readonly #definition: Definition;
  readonly #tracks = new Map<string, Track>();
  /** By source: its time, up to which it has been looked at. */
  readonly #seen = new Map<string, SourceTime>();
  readonly #savedAt = new Map<string, number>();

  /** Throws a `UserError` if the detector's settings make no sense. */
  constructor(options: EngineOptions) {
    this.#options = options;
    const definition = definitionOf(options.detector);
    this.#definition = { ...definition, catchUpMs: options.catchUpMs ?? definition.catchUpMs };
  }

  /** The first tick that is not before a time. */
  tickFrom(at: number): number {
    return nextTick(at - 1, this.#definition);
  }

  /** By source: up to when there is nothing to judge. */
  get idle(): IdleTimes {
    const { everyMs } = this.#definition;
    const idle = (source: string, { at, setBack }: SourceTime) => {
      const next = this.#tracks.get(source)?.next ?? (Math.floor(at / everyMs) + 1) * everyMs;
      return { until: Math.max(next + latenessMs, at + 1), setBacks: setBack?.count ?? 0 };
    };
    return Object.fromEntries([...this.#seen].map(([source, seen]) => [source, idle(source, seen)]));
  }

  /** Judges everything that is due. */
  async advance(times: SourceTimes): Promise<void> {
    await this.#findChannels(times);
    for (const [source, time] of Object.entries(times)) {
      const track = this.#tracks.get(source);
      if (track !== undefined) {
        if (time.setBack !== undefined) track.follow(time.setBack);
        await track.judgeTo(lastTick(time.at - latenessMs, this.#definition));
        await this.#saveIfDue(source, track);
      }
      this.#seen.set(source, time);
    }
  }

  /** Stores the progress of all tracks. */
  async save(): Promise<void> {
    for (const [source, track] of this.#tracks) await this.#options.onProgress(source, track.record());
  }

  async #findChannels(times: SourceTimes): Promise<void> {
    const { readings } = this.#options;
    const { patterns, held } = this.#definition;
    const channels = await readings.query({ kind: "channels" });
    for (const source of Object.keys(times)) {
      const items = channels.filter((channel) =>
        channel.source === source &&
        (channel.item === signalChannel || [...patterns, ...held].some((each) => each.matches(channel)))
      ).map(({ item }) => item);
      if (items.every((item) => item === signalChannel)) continue;
      const track = this.#tracks.get(source) ??
        await this.#openTrack(source, items, times[source] as SourceTime);
      track.useChannels(items);
    }
  }

  async #openTrack(source: string, items: readonly string[], time: SourceTime): Promise<Track> {
    const { detector, readings, recordOf, onFound, onTrouble, stopping } = this.#options;
    const definition = this.#definition;
    const record = await recordOf(source) ?? await this.#newRecord(source, items, time);
    const earliest = nextTick(time.at - definition.catchUpMs, definition);
    if (record.next < earliest) {
      onTrouble(
        t`${definition.name} does not judge the readings of ${source} before ${
          new Date(earliest).toISOString()
        }: it did not run for longer than its catchUpSeconds.`,
      );
      record.next = earliest;
    }
    const track: Track = new Track({
      detector,
      definition,
      source,
      readings,
      onFound: (found, record) => onFound(source, found, record),
      onTrouble,
      stopping,
      onTurn: () => this.#saveIfDue(source, track),
    }, record);
    this.#tracks.set(source, track);
    this.#savedAt.set(source, systemClock.monotonic());
    return track;
  }

  /** Starts at the oldest reading. */
  async #newRecord(source: string, items: readonly string[], { setBack }: SourceTime): Promise<TrackRecord> {
    let oldest = Infinity;
    for (const item of items) {
      const all = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 };
      const { at } = await this.#options.readings.query({
        kind: "window",
        channel: { source, item },
        ...all,
      });
      oldest = Math.min(oldest, at[0] ?? Infinity);
    }
    const next = nextTick(oldest, this.#definition);
    return { next, state: {}, cooling: {}, signals: { lost: [], backAt: 0 }, ...(setBack && { setBack }) };
  }

  async #saveIfDue(source: string, track: Track): Promise<void> {
    const now = systemClock.monotonic();
    if (now - (this.#savedAt.get(source) ?? 0) < betweenSavesMs) return;
    this.#savedAt.set(source, now);
    await this.#options.onProgress(source, track.record());
  }
}

/** The last tick that is not after a time. */
function lastTick(at: number, { everyMs }: Definition): number {
  return Math.floor(at / everyMs) * everyMs;
}

/** The first tick after a time. */
function nextTick(at: number, definition: Definition): number {
  return lastTick(at, definition) + definition.everyMs;
}
