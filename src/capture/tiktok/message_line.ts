/**
 * A queue of received messages that wait to be decoded. It is usually empty, because messages are handled in the turn
 * in which they arrive. A frame that takes long is handled in slices, between which the event loop does other work.
 * If more bytes wait than one frame can have, reading from the socket pauses.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import type { InnerMessage } from "./schema.ts";

export interface MessageLineOptions {
  clock: Clock;
  take(message: InnerMessage): void;
  /** Called after a slice, if more messages wait. */
  onSlice(): void;
  /** Pauses and resumes reading from the socket. */
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

  /** Resolves when all received messages were handled. */
  async emptied(): Promise<void> {
    await this.#taken;
  }

  async #takeAll(): Promise<void> {
    const { clock, take, onSlice } = this.#options;
    this.#isTaking = true;
    let sliceEnd = clock.monotonic() + sliceMs;
    // Frames that arrive in the meantime are added at the end.
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
      this.#resumeIfDrained();
    }
    this.#isTaking = false;
  }

  #resumeIfDrained(): void {
    if (!this.#isPaused || this.#waitingBytes > maxWaitingBytes / 2) return;
    this.#isPaused = false;
    this.#options.resume();
  }
}
