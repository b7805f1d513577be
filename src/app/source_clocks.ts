/**
 * The time of each source, by its readings, and by its silences, which move it ahead too. One reading whose time is wrong
 * does not.
 */
import { latenessMs } from "../reading.ts";

interface SourceClock {
  /** Unix milliseconds; -Infinity before the first reading that can be believed. */
  at: number;
  /** Its time at the last reading. */
  readAt: number;
  /** How far the readings' times may be ahead of their arrival, because the sender's clock is. */
  leadMs: number;
  /** The last reading, if its time is far ahead. A later time right after it confirms it. */
  doubtful: { at: number; leadMs: number } | null;
}

export class SourceClocks {
  readonly #clocks = new Map<string, SourceClock>();

  /** -Infinity: not known. */
  of(source: string): number {
    return this.#clocks.get(source)?.at ?? -Infinity;
  }

  /** Whether a reading of the source came. */
  has(source: string): boolean {
    return this.#clocks.has(source);
  }

  /** The sources whose time is known. */
  times(): [source: string, at: number][] {
    return [...this.#clocks].map(([source, { at }]): [string, number] => [source, at])
      .filter(([, at]) => at > -Infinity);
  }

  /** The source has been silent for this long since its last reading, in addition to the time that it may be. */
  noteSilence(source: string, silentMs: number): void {
    const clock = this.#clocks.get(source);
    if (clock !== undefined) clock.at = Math.max(clock.at, clock.readAt + silentMs);
  }

  /** A reading came. What follows depends on the readings and their arrival alone, so a replay gives the same. */
  note(source: string, { at, receivedAt }: { at: number; receivedAt: number }): void {
    const clock = this.#clocks.get(source) ??
      { at: -Infinity, readAt: -Infinity, leadMs: 0, doubtful: null };
    this.#clocks.set(source, clock);
    const isFarAhead = () => at > Math.max(clock.at, receivedAt + clock.leadMs) + latenessMs;
    if (clock.doubtful !== null && isFarAhead() && at > clock.doubtful.at) {
      clock.at = Math.max(clock.at, clock.doubtful.at);
      clock.leadMs = clock.doubtful.leadMs;
    }
    if (isFarAhead()) {
      clock.doubtful = { at, leadMs: at - receivedAt };
    } else {
      clock.at = Math.max(clock.at, at);
      clock.doubtful = null;
    }
    clock.readAt = clock.at;
  }
}
