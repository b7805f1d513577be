/**
 * Collects the ends of items and sends them together at the end of the event loop's turn, so that the main thread
 * handles one message per group instead of one per item. A longer turn sends them after a millisecond.
 */
import { systemClock } from "../clock.ts";
import type { ItemEnd } from "./protocol.ts";

/** Kept before the service's code can replace it. */
const { setImmediate } = globalThis;

const longestWaitMs = 1;

/** Characters of everything that a group's items emitted. One message carries them all, and its length is limited. */
const mostCharacters = 200_000;

/** Small enough that the main thread can send new items while the worker still has others to handle. */
const largestGroup = 32;

export class ItemEnds {
  /** If false, each end is sent at once. */
  areGrouped = false;
  readonly #post: (ends: readonly ItemEnd[]) => void;
  #waiting: ItemEnd[] = [];
  #waitingCharacters = 0;
  #waitingSince = 0;

  constructor(post: (ends: readonly ItemEnd[]) => void) {
    this.#post = post;
  }

  /** `emittedCharacters` counts the characters of the emitted data, as JSON. */
  add(end: ItemEnd, emittedCharacters: number): void {
    if (this.#waitingCharacters + emittedCharacters > mostCharacters) this.flush();
    this.#waiting.push(end);
    this.#waitingCharacters += emittedCharacters;
    if (!this.areGrouped) return this.flush();
    const now = systemClock.monotonic();
    if (this.#waiting.length === 1) {
      this.#waitingSince = now;
      setImmediate(() => this.flush());
    } else if (this.#waiting.length >= largestGroup || now - this.#waitingSince >= longestWaitMs) {
      this.flush();
    }
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const ends = this.#waiting;
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#post(ends);
  }
}
