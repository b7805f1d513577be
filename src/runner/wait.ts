/** A wait that its owner may end early. */
import type { Clock } from "../clock.ts";

export class Wait {
  readonly #clock: Clock;
  #end: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with true when `end` is called, or with false after `limitMs`. */
  for(limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isInTime: boolean) => {
        cancel();
        this.#end = null;
        resolve(isInTime);
      };
      const cancel = this.#clock.after(limitMs, () => end(false));
      this.#end = () => end(true);
    });
  }

  /** Ends the wait, if there is one. */
  end(): void {
    this.#end?.();
  }
}
