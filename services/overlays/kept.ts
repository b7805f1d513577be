/** Writes a value to the service's state as often as it changes, yet not more often than is good for a disk. */
import { setTimeout as wait } from "node:timers/promises";
import type { ServiceState } from "livecue/service";

/** Under this, a flood of likes is a commit for each. */
const pauseMs = 50;

export class Kept {
  readonly #state: ServiceState;
  readonly #key: string;
  readonly #value: () => unknown;
  #pause: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | null = null;

  /** `value` is asked when it is written. */
  constructor(state: ServiceState, key: string, value: () => unknown) {
    this.#state = state;
    this.#key = key;
    this.#value = value;
  }

  /** Resolves when the value, as it is now or later, is committed. */
  save(): Promise<void> {
    this.#next ??= this.#write();
    return this.#next;
  }

  async #write(): Promise<void> {
    await this.#pause;
    this.#next = null;
    const written = this.#state.set(this.#key, this.#value());
    this.#pause = Promise.allSettled([written, wait(pauseMs)]);
    await written;
  }
}
