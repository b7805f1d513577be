/**
 * A source's connection as the screen shows it. A state contains wall-clock times, and the clock may be changed
 * meanwhile. So they are converted to durations at once, which then follow the monotonic clock.
 */
import type { Clock } from "../clock.ts";
import type { ConnectionView } from "../control.ts";
import type { ConnectionState } from "../source.ts";

export class ConnectionWatch {
  readonly #clock: Clock;
  #state: ConnectionState | null = null;
  /** By the monotonic clock. */
  #since = 0;
  /** The time until `nextAt`, when the state was set. */
  #waitMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(state: ConnectionState): void {
    this.#state = state;
    this.#since = this.#clock.monotonic();
    this.#waitMs = "nextAt" in state ? state.nextAt - this.#clock.now() : 0;
  }

  view(): ConnectionView {
    const state = this.#state;
    if (state === null) return { phase: "idle" };
    const forMs = this.#clock.monotonic() - this.#since;
    const inMs = Math.max(0, this.#waitMs - forMs);
    switch (state.phase) {
      case "live": {
        const { phase, username, title } = state;
        return { phase, username, title, forMs };
      }
      case "waiting": {
        const { phase, username, why } = state;
        return { phase, username, why, inMs };
      }
      case "reconnecting": {
        const { phase, username, why, attempt } = state;
        return { phase, username, why, attempt, inMs };
      }
      case "looking_up":
      case "connecting":
      case "listening":
      case "ended":
        return state;
    }
  }
}
