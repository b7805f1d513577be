/** Lets one event press at a time, so that the keys of two never mix. */

interface Turn {
  /** Events that do the same may share a turn that has not begun; null for a turn of its own. */
  key: string | null;
  done: Promise<void>;
}

export class Turns {
  #waiting: Turn[] = [];
  #last: Promise<void> = Promise.resolve();

  /** How many turns have not begun. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when `run` has ended, and throws what it throws. With a key, it joins a turn of the same key that still
   * waits, and its own `run` is never called.
   */
  take(key: string | null, run: () => Promise<void>): Promise<void> {
    const joined = key === null ? undefined : this.#waiting.find((turn) => turn.key === key);
    if (joined !== undefined) return joined.done;
    const turn: Turn = { key, done: this.#last.then(() => this.#begin(turn, run)) };
    this.#waiting.push(turn);
    this.#last = turn.done.catch(() => {});
    return turn.done;
  }

  #begin(turn: Turn, run: () => Promise<void>): Promise<void> {
    this.#waiting = this.#waiting.filter((each) => each !== turn);
    return run();
  }
}
