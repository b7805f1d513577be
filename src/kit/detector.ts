/**
 * Services that watch readings: "livecue/detector".
 *
 * The default export of the module is a class that extends `Detector`. At regular times of the readings' own clock it
 * gets a window of the last readings, and says whether it detects something.
 */
import type { LiveEvent, QueueItem } from "./service.ts";
import { BaseQueueService } from "./service.ts";
import type { Window } from "./detection/series.ts";

export type { LiveEvent, QueueItem, ServiceCommands } from "./service.ts";
export type { DetectionData, SignalData } from "../event.ts";
export { UserError } from "./service.ts";
export type { Gap, Sample, Series, Window } from "./detection/series.ts";

/** What `detect` has found. */
export interface Detection {
  /** A sentence for people, as "The tank is filling: 41 % to 47 %." */
  text: string;
  /** Default: the first of the window's channels. */
  channel?: string;
  /** 0 to 1. Default 1. */
  confidence?: number;
  /** Default: the detector's `name`. */
  name?: string;
  /** The time over which it happened. Default: the whole window. */
  window?: { from: number; to: number };
  /** Numbers about it, by names of the detector's own, for whoever acts on it. Default: none. */
  values?: Record<string, number>;
}

/** What a detector remembers from one call of `detect` to the next: a JSON object of up to 1 MB. */
export type DetectorState = Record<string, unknown>;

/**
 * Watches readings. Its settings are class fields, which may use `this.options`. Times are those of the readings, not of
 * this computer, so a recording gives the same detections as the original.
 */
export abstract class Detector<Options = Record<string, unknown>> extends BaseQueueService<Options> {
  /**
   * The channels that it watches, as "NODE3000005", "iss:NODE3000005" (of the source iss) or "tank/*". If several
   * sources have such channels, each source has its own windows and state. A channel without a `*` is needed: without its
   * readings, `detect` is not called. A channel that only a `*` names is left out of windows in which it has a gap.
   */
  abstract readonly channels: readonly string[];
  /**
   * Further channels whose last reading remains valid until the next one, as the state of a machine. They may be silent
   * for any time.
   */
  readonly heldChannels: readonly string[] = [];
  /** The length of the window. */
  abstract readonly windowSeconds: number;
  /** `detect` is called at the multiples of this. */
  readonly everySeconds: number = 5;
  /** After a detection, further ones of the same channel are not emitted for this long. */
  readonly cooldownSeconds: number = 0;
  /**
   * A channel without a reading for longer than this is lost, and a window that contains such a gap is not judged. Raise
   * it for channels that send rarely.
   */
  readonly maxGapSeconds: number = 60;
  /** How far back it looks for readings that came while it did not run. */
  readonly catchUpSeconds: number = 30 * 86_400;
  /** The name of its detections. Default: the name of the class. */
  readonly name: string = this.constructor.name;

  /**
   * Says what the window shows, or null. `state` may be changed, and is stored with the progress. If it throws, the
   * error is logged, and the next window is judged as usual.
   */
  abstract detect(window: Window, state: DetectorState): Detection | null | Promise<Detection | null>;

  /** Override it to act on events, as on its own detections if it subscribes to DetectionEvent. */
  override processEvent(_event: LiveEvent, _item: QueueItem): boolean | Promise<boolean> {
    return false;
  }
}
