/** When a screen takes a snapshot: right after a change, but only a few times per second while much changes. */
import type { Clock } from "../../clock.ts";

/** Numbers that change more often are harder to read, and twice the frames cost twice as much. */
const defaultFrameMs = 250;
/** How many snapshots may be taken ahead of the pace, after a quiet time. */
const snapshotsAhead = 3;

export interface SnapshotPaceOptions {
  clock: Clock;
  /** Milliseconds between snapshots while things change. Default 250. */
  frameMs?: number | undefined;
  take: () => void;
}

export class SnapshotPace {
  readonly #options: SnapshotPaceOptions;
  readonly #frameMs: number;
  #cancel: (() => void) | null = null;
  /** When the next snapshot is due at an even pace. */
  #paceAt = -Infinity;

  constructor(options: SnapshotPaceOptions) {
    this.#options = options;
    this.#frameMs = options.frameMs ?? defaultFrameMs;
  }

  /** Takes a snapshot in the next turn after a quiet time, which covers the first few changes; otherwise at an even pace. */
  soon(): void {
    if (this.#cancel !== null) return;
    const { clock } = this.#options;
    const restMs = Math.max(0, this.#paceAt - snapshotsAhead * this.#frameMs - clock.monotonic());
    this.#cancel = clock.after(restMs, () => this.now());
  }

  now(): void {
    this.stop();
    const { clock, take } = this.#options;
    this.#paceAt = Math.max(this.#paceAt, clock.monotonic()) + this.#frameMs;
    take();
  }

  /** Takes none until it is called again. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
