/** Notices that a source of readings has become silent, and says so again and again while it lasts. */
import { type Clock, Limit, limitEvery } from "../clock.ts";

export interface SilenceWatchOptions {
  clock: Clock;
  /** How long the source may be silent. */
  silenceMs: number;
  /** Called every five seconds. `silentMs`: how long the source has been silent in addition to `silenceMs`. */
  onSilence(silentMs: number): void;
}

const repeatMs = 5_000;

/** Time in which this program did not run does not count. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #limit: Limit;
  #stopRepeating: (() => void) | null = null;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#limit = this.#begin();
  }

  /** Readings came. */
  end(): void {
    if (this.#stopRepeating === null) return this.#limit.restart();
    this.stop();
    this.#limit = this.#begin();
  }

  stop(): void {
    this.#limit.cancel();
    this.#stopRepeating?.();
    this.#stopRepeating = null;
  }

  #begin(): Limit {
    const { clock, silenceMs, onSilence } = this.#options;
    const repeat = () => {
      let silentMs = 0;
      this.#stopRepeating = limitEvery(clock, repeatMs, () => onSilence(silentMs += repeatMs));
    };
    return new Limit({ clock, limitMs: silenceMs, onOver: repeat });
  }
}
