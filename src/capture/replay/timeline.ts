/**
 * The time of a recording as a person sees it pass: from its first entry on, with its long gaps shortened as the replay
 * shortens them. Entries are noted in the order of the file.
 */

/** Longer gaps are shortened to this. It is also the idle time that ends a streak, so streaks still end in order. */
export const maxGapMs = 10_000;

/** A gap that is shortened, in recorded time. */
interface Gap {
  from: number;
  to: number;
}

export class Timeline {
  readonly #keepsGaps: boolean;
  readonly #gaps: Gap[] = [];
  #firstAt: number | null = null;
  /** The last noted time that the replay waits for. */
  #at = 0;
  /** The time before the last long gap. */
  #beforeLeap = Infinity;
  /** Whether all entries of the recording are noted. */
  isWhole = false;

  constructor({ keepGaps }: { keepGaps: boolean }) {
    this.#keepsGaps = keepGaps;
  }

  /** The recorded time of the first entry; 0 without entries. */
  get firstAt(): number {
    return this.#firstAt ?? 0;
  }

  /** null while it is unknown. */
  get lengthMs(): number | null {
    return this.isWhole && this.#firstAt !== null ? this.playedMs(this.#at) : null;
  }

  /** The next entry has this recorded time. */
  note(at: number): void {
    if (this.#firstAt === null) {
      this.#firstAt = this.#at = at;
    } else if (at > this.#at) {
      this.#leap(at);
    } else if (at >= this.#beforeLeap && this.#at - at > maxGapMs) {
      // The entry that leapt ahead had a wrong time. Others are out of order, or repeated.
      if (this.#gaps.at(-1)?.to === this.#at) this.#gaps.pop();
      this.#at = at;
    }
  }

  #leap(at: number): void {
    if (at - this.#at > maxGapMs) {
      this.#beforeLeap = this.#at;
      if (!this.#keepsGaps) this.#gaps.push({ from: this.#at, to: at });
    }
    this.#at = at;
  }

  /** The time that has passed at this recorded time. */
  playedMs(at: number): number {
    let cutMs = 0;
    for (const { from, to } of this.#gaps) {
      if (at <= from) break;
      cutMs += Math.max(0, Math.min(at, to) - from - maxGapMs);
    }
    return Math.max(0, at - this.firstAt - cutMs);
  }

  /** The recorded time at which so much time has passed. */
  recordedAt(playedMs: number): number {
    let at = this.firstAt + playedMs;
    for (const { from, to } of this.#gaps) {
      if (at <= from + maxGapMs) break;
      at += to - from - maxGapMs;
    }
    return at;
  }
}
