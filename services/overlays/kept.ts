/** Saves a changing value in the service's state, at a limited rate to spare the disk. */
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
  readonly #stopping = new AbortController();

  /** Calls `value` for each write: the first one happens at once, the next ones at least `pauseMs` apart. */
  constructor(state: KeptState, { key, pauseMs, value }: KeptOptions) {
    this.#state = state;
    this.#key = key;
    this.#value = value;
    this.#pauseMs = pauseMs;
  }

  /** Resolves when the current value or a later one is committed. */
  save(): Promise<void> {
    this.#next ??= this.#write();
    return this.#next;
  }

  /** Later writes happen at once. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves when the key is deleted. Later saves do nothing. */
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
    const pause = wait(this.#pauseMs, undefined, { signal: this.#stopping.signal });
    this.#pause = Promise.allSettled([this.#written, pause]);
    await this.#written;
  }
}
