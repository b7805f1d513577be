/**
 * A queue of received messages that wait to be decoded. It is usually empty, because messages are handled in the turn
 * in which they arrive. Messages that take long are handled in slices, between which the event loop does other work.
 * Reading from the socket pauses until they are handled, so TikTok has to wait.
 */
import { type Clock, lookOutside, sleep } from "../../clock.ts";
import type { InnerMessage } from "./schema.ts";

export interface MessageLineOptions {
  clock: Clock;
  take(message: InnerMessage): void;
  /** Called after a slice, and every few seconds while there is no room. */
  onSlice(): void;
  /** Resolves when there is room for more messages; null if there is room now. */
  whenRoom(): Promise<void> | null;
  /** Pauses and resumes reading from the socket. */
  pause(): void;
  resume(): void;
}

const sliceMs = 20;
const waitingSliceMs = 5_000;

export class MessageLine {
  readonly #options: MessageLineOptions;
  /** The messages of each frame. */
  readonly #frames: (readonly InnerMessage[])[] = [];
  #isTaking = false;
  #taken: Promise<void> = Promise.resolve();

  constructor(options: MessageLineOptions) {
    this.#options = options;
  }

  add(messages: readonly InnerMessage[]): void {
    this.#frames.push(messages);
    if (!this.#isTaking) this.#taken = this.#takeAll();
  }

  /** Resolves when all received messages were handled. */
  async emptied(): Promise<void> {
    await this.#taken;
  }

  async #takeAll(): Promise<void> {
    const { clock, take, pause, resume } = this.#options;
    this.#isTaking = true;
    let isPaused = false;
    let sliceEnd = clock.monotonic() + sliceMs;
    // Frames that arrive in the meantime are added at the end.
    for (let messages = this.#frames[0]; messages !== undefined; messages = this.#frames[0]) {
      for (const message of messages) {
        take(message);
        if (clock.monotonic() < sliceEnd) continue;
        if (!isPaused) pause();
        isPaused = true;
        await this.#endSlice();
        sliceEnd = clock.monotonic() + sliceMs;
      }
      this.#frames.shift();
    }
    this.#isTaking = false;
    if (isPaused) resume();
  }

  async #endSlice(): Promise<void> {
    const { clock, onSlice, whenRoom } = this.#options;
    await new Promise<void>((resolve) => lookOutside(resolve));
    onSlice();
    for (let room = whenRoom(); room !== null; room = whenRoom()) {
      const waited = new AbortController();
      await Promise.race([room, sleep(clock, waitingSliceMs, waited.signal)]);
      waited.abort();
      onSlice();
    }
  }
}
