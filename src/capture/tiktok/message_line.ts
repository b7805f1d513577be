/**
 * Messages that have come and wait to be decoded. Mostly there are none: they are taken in the turn in which they come.
 * Those of a frame that takes long are taken in slices, between which the event loop does all else; and where more
 * waits than one frame can hold, the other side waits.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import type { InnerMessage } from "./schema.ts";

export interface MessageLineOptions {
  clock: Clock;
  take(message: InnerMessage): void;
  /** Some were taken, and more wait. */
  onSlice(): void;
  /** Has the other side wait, or go on. */
  pause(): void;
  resume(): void;
}

const sliceMs = 20;
const maxWaitingBytes = 16 * 1024 * 1024;

export class MessageLine {
  readonly #options: MessageLineOptions;
  /** The messages of each frame. */
  readonly #frames: (readonly InnerMessage[])[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #isTaking = false;
  #taken: Promise<void> = Promise.resolve();

  constructor(options: MessageLineOptions) {
    this.#options = options;
  }

  add(messages: readonly InnerMessage[]): void {
    this.#frames.push(messages);
    for (const { payload } of messages) this.#waitingBytes += payload.length;
    if (!this.#isTaking) this.#taken = this.#takeAll();
    if (this.#isPaused || this.#waitingBytes <= maxWaitingBytes) return;
    this.#isPaused = true;
    this.#options.pause();
  }

  /** Resolves when all that has come was taken. */
  async emptied(): Promise<void> {
    await this.#taken;
  }

  async #takeAll(): Promise<void> {
    const { clock, take, onSlice } = this.#options;
    this.#isTaking = true;
    let sliceEnd = clock.monotonic() + sliceMs;
    // What comes meanwhile is put behind.
    for (let messages = this.#frames[0]; messages !== undefined; messages = this.#frames[0]) {
      for (const message of messages) {
        take(message);
        this.#waitingBytes -= message.payload.length;
        if (clock.monotonic() < sliceEnd) continue;
        await nextTurn();
        onSlice();
        sliceEnd = clock.monotonic() + sliceMs;
      }
      this.#frames.shift();
      this.#goOn();
    }
    this.#isTaking = false;
  }

  #goOn(): void {
    if (!this.#isPaused || this.#waitingBytes > maxWaitingBytes / 2) return;
    this.#isPaused = false;
    this.#options.resume();
  }
}
