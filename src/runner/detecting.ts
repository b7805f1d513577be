/** The worker's side of a detector: judges its windows as readings arrive, and stores its detections and progress. */
import { sleep, systemClock } from "../clock.ts";
import type { EmittedDataByType } from "../event.ts";
import type { Detector } from "../kit/detector.ts";
import type { SourceTimes } from "../reading_query.ts";
import type { ReadingAccess } from "../kit/detection/access.ts";
import { DetectorEngine } from "../kit/detection/engine.ts";
import type { Found, TrackRecord } from "../kit/detection/track.ts";
import { UserError } from "../user_error.ts";
import { describeFailure } from "./failure.ts";
import { failureText } from "../failure.ts";
import { t } from "../language.ts";
import { makeEmission } from "./hosted_item.ts";
import type { ServiceRequest } from "./protocol.ts";
import { ReadingAsker } from "./reading_asker.ts";
import type { WriteLine } from "./service_log.ts";

export interface DetectingOptions {
  detector: Detector<unknown>;
  /** Types of events that the service may emit. */
  emits: readonly string[];
  ask(request: ServiceRequest): Promise<unknown>;
  /** Aborts when a stop begins. */
  stopping: AbortSignal;
  writeLine: WriteLine;
}

/** The pause after a question that could not be answered. */
const retryMs = 5_000;
/** Sentences about a detector's troubles come at most this often. */
const betweenTroublesMs = 60_000;

export class Detecting {
  readonly #options: DetectingOptions;
  readonly #readings: ReadingAccess;
  #engine: DetectorEngine;
  #running: Promise<void> = Promise.resolve();
  #troubledAt = -Infinity;
  #furtherTroubles = 0;

  /**
   * Runs until a stop begins. Its first request is sent before this returns. Throws a `UserError` if the config or the
   * detector's settings do not fit.
   */
  static start(options: DetectingOptions): Detecting {
    const detecting = new Detecting(options);
    detecting.#running = detecting.#run();
    return detecting;
  }

  private constructor(options: DetectingOptions) {
    this.#options = options;
    if (!options.emits.includes("DetectionEvent")) {
      throw new UserError(
        t`A detector emits detections. Add "emits": ["DetectionEvent", "SignalEvent"] to its block in the config.`,
      );
    }
    this.#readings = new ReadingAsker(options.ask);
    this.#engine = this.#makeEngine();
  }

  /** Stores the progress, after a stop has begun. */
  async stop(): Promise<void> {
    await this.#running;
    await this.#engine.save();
  }

  async #run(): Promise<void> {
    const { stopping } = this.#options;
    const stopped = new Promise<null>((resolve) =>
      stopping.addEventListener("abort", () => resolve(null), { once: true })
    );
    while (!stopping.aborted) {
      try {
        const times = await Promise.race([this.#news(), stopped]);
        if (times !== null) await this.#engine.advance(times);
      } catch (thrown) {
        if (stopping.aborted) return;
        this.#trouble(t`the detector stopped, and continues soon: ${failureText(describeFailure(thrown))}`);
        await sleep(systemClock, retryMs, stopping);
        // Some of its work may be undone, so it starts from what is stored.
        this.#engine = this.#makeEngine();
      }
    }
  }

  #news(): Promise<SourceTimes> {
    return this.#options.ask({ kind: "reading_news", idle: this.#engine.idle }) as Promise<SourceTimes>;
  }

  #makeEngine(): DetectorEngine {
    const { detector, stopping, ask } = this.#options;
    const place = { scope: "service", live: { source: null } } as const;
    return new DetectorEngine({
      detector,
      readings: this.#readings,
      stopping,
      recordOf: async (source) => {
        return await ask({ kind: "get_state", key: keyOf(source), ...place }) as TrackRecord | undefined ??
          null;
      },
      onFound: (source, found, record) => this.#emit(source, found, record),
      onProgress: async (source, record) => {
        await ask({ kind: "set_state", key: keyOf(source), value: record, ...place });
      },
      onTrouble: (sentence) => this.#trouble(sentence),
    });
  }

  /**
   * The record is stored with the last event, in one transaction. Of several, those before it have ids, so that a crash
   * in between emits none twice.
   */
  async #emit(source: string, found: readonly Found[], record: TrackRecord): Promise<void> {
    const { ask, emits } = this.#options;
    const emitted = found.filter(({ type }) => emits.includes(type));
    const value = JSON.parse(JSON.stringify(record)) as unknown;
    const keep = { key: keyOf(source), value };
    if (emitted.length === 0) {
      await ask({ kind: "set_state", ...keep, scope: "service", live: { source: null } });
    }
    for (const [index, { type, tick, data }] of emitted.entries()) {
      const id = idOf({ type, tick, data } as Found, record);
      const emission = makeEmission(emits, { type, data, options: { id, toSelf: true } });
      const isLast = index === emitted.length - 1;
      await ask({ kind: "emit", emission, live: { source }, ...(isLast ? { keep } : {}) });
    }
  }

  #trouble(sentence: string): void {
    const now = systemClock.monotonic();
    if (now - this.#troubledAt < betweenTroublesMs) {
      this.#furtherTroubles++;
      return;
    }
    const more = this.#furtherTroubles;
    this.#troubledAt = now;
    this.#furtherTroubles = 0;
    this.#options.writeLine("warn", more === 0 ? sentence : t`${sentence} (${more} more like it before)`);
  }
}

function keyOf(source: string): string {
  return `detector:${source}`;
}

/** The most characters of a channel's name in an id. */
const maxNameInId = 100;

function idOf({ type, tick, data }: Found, { setBack }: TrackRecord): string {
  const { source, channel } = data as EmittedDataByType["DetectionEvent"];
  const name = channel.slice(0, maxNameInId);
  const id = type === "DetectionEvent" ? `${source}:${tick}` : `${source}:${tick}:${data.state}:${name}`;
  // After the source's time has gone back, its ticks come again.
  return setBack === undefined ? id : `${id}:${setBack.count}`;
}
