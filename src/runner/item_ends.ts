/**
 * Ends of items on their way to the main thread, told together at the end of the event loop's turn: the main thread
 * handles a message for each group, in place of one for each item. A turn that goes on tells of them after a millisecond.
 */
import { systemClock } from "../clock.ts";
import type { ItemEnd } from "./protocol.ts";

/** Kept before a service can change it. */
const { setImmediate } = globalThis;

const longestWaitMs = 1;

/** Letters of what the items of a group have emitted: their ends are one message, whose length is bounded. */
const mostLetters = 200_000;

/** The main thread gives new items for these while the worker is at those that are left. */
const largestGroup = 32;

export class ItemEnds {
  /** Else each end is told at once. */
  areGrouped = false;
  readonly #post: (ends: readonly ItemEnd[]) => void;
  #waiting: ItemEnd[] = [];
  #waitingLetters = 0;
  #waitingSince = 0;

  constructor(post: (ends: readonly ItemEnd[]) => void) {
    this.#post = post;
  }

  /** `emittedLetters`: of what it emitted, as JSON. */
  add(end: ItemEnd, emittedLetters: number): void {
    if (this.#waitingLetters + emittedLetters > mostLetters) this.tell();
    this.#waiting.push(end);
    this.#waitingLetters += emittedLetters;
    if (!this.areGrouped) return this.tell();
    const now = systemClock.monotonic();
    if (this.#waiting.length === 1) {
      this.#waitingSince = now;
      setImmediate(() => this.tell());
    } else if (this.#waiting.length >= largestGroup || now - this.#waitingSince >= longestWaitMs) {
      this.tell();
    }
  }

  tell(): void {
    if (this.#waiting.length === 0) return;
    const ends = this.#waiting;
    this.#waiting = [];
    this.#waitingLetters = 0;
    this.#post(ends);
  }
}
