/** Writes a value to the service's state as often as it changes, yet not more often than is good for a disk. */
import { setTimeout as wait } from "node:timers/promises";
import type { KeptState } from "livecue/service";

export interface KeptOptions {
  key: string;
  pauseMs: number;
  value(): unknown;
}

export class Kept {
  readonly #state: KeptState;
  readonly #key: string;
  readonly #value: () => unknown;
  readonly #pauseMs: number;
  #pause: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | null = null;
  #written: Promise<void> = Promise.resolve();
  #isForgotten = false;

  /** `value` is asked when it is written: at once, and then every `pauseMs` at most. */
  constructor(state: KeptState, { key, pauseMs, value }: KeptOptions) {
    this.#state = state;
    this.#key = key;
    this.#value = value;
    this.#pauseMs = pauseMs;
  }

  /** Resolves when the value, as it is now or later, is committed. */
  save(): Promise<void> {
    this.#next ??= this.#write();
    return this.#next;
  }

  /** Resolves when the key is gone for good: what is saved later is not kept. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    await this.#written.catch(() => {});
    await this.#state.set(this.#key, undefined);
  }

  async #write(): Promise<void> {
    await this.#pause;
    this.#next = null;
    if (this.#isForgotten) return;
    this.#written = this.#state.set(this.#key, this.#value());
    this.#pause = Promise.allSettled([this.#written, wait(this.#pauseMs)]);
    await this.#written;
  }
}
