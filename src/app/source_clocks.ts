/**
 * The time of each source, by its readings, and by its silences, which move it ahead too. A reading whose time is far
 * ahead of its arrival does not move it, unless the source has no better ones. If better ones come after such times were
 * believed, as when a clock is corrected, the source's time goes back to them.
 */
import { latenessMs } from "../reading.ts";
import type { SetBack, SourceTime } from "../reading_query.ts";

interface SourceClock {
  /** Unix milliseconds; -Infinity before the first reading that can be believed. */
  at: number;
  /** undefined: its time has not gone back. */
  setBack: SetBack | undefined;
  /** Its time at the last reading. */
  readAt: number;
  /** How far its time may be ahead of the arrival of readings, because the clocks of sender and computer differ. */
  leadMs: number;
  /** The last reading, if its time is far ahead. A later time right after it confirms it. */
  doubtful: { at: number; leadMs: number } | null;
  /** The time of the last reading that is much closer to its arrival than the source's time. A later one confirms it. */
  better: number | null;
  /** When the last reading came, and the last one whose time was not far ahead of its arrival. */
  receivedAt: number;
  soundAt: number;
}

interface NotedReading {
  at: number;
  receivedAt: number;
}

/**
 * What a reading's time says. early: it is far ahead, and not believed. back: it proves that the source's time was far
 * ahead. The source's time has now gone back to the reading's.
 */
export type TimeVerdict = "sound" | "early" | "back";

/** For so long after a reading with a sound time, times far ahead are not believed. */
const soundMs = 60_000;
/** A time that is ahead by no more than this is soon right by itself. */
const shortMs = 60_000;

export class SourceClocks {
  readonly #clocks = new Map<string, SourceClock>();

  /** -Infinity: not known. */
  of(source: string): number {
    return this.#clocks.get(source)?.at ?? -Infinity;
  }

  /** With -Infinity as its time if it is not known. */
  timeOf(source: string): SourceTime {
    const { at = -Infinity, setBack } = this.#clocks.get(source) ?? {};
    return { source, at, ...(setBack && { setBack }) };
  }

  /** Whether a reading of the source came. */
  has(source: string): boolean {
    return this.#clocks.has(source);
  }

  /** The sources whose time is known. */
  times(): SourceTime[] {
    return [...this.#clocks.keys()].map((source) => this.timeOf(source)).filter(({ at }) => at > -Infinity);
  }

  /** Goes on with the time that a source had in an earlier run, unless it is known. */
  restore({ source, at, setBack }: SourceTime, now: number): void {
    if (this.has(source)) return;
    this.#clocks.set(source, { ...newClock, at, setBack, readAt: at, leadMs: Math.max(0, at - now) });
  }

  /** The source has been silent for this long since its last reading, in addition to the time that it may be. */
  noteSilence(source: string, silentMs: number): void {
    const clock = this.#clocks.get(source);
    if (clock !== undefined) clock.at = Math.max(clock.at, clock.readAt + silentMs);
  }

  /** A reading came. What follows depends on the readings and their arrival alone, so a replay gives the same. */
  note(source: string, reading: NotedReading): TimeVerdict {
    const clock = this.#clocks.get(source) ?? { ...newClock };
    this.#clocks.set(source, clock);
    const { at, receivedAt } = reading;
    if (receivedAt < clock.receivedAt - shortMs) {
      // This computer's clock was set back.
      clock.leadMs += clock.receivedAt - receivedAt;
      clock.soundAt = -Infinity;
    }
    clock.receivedAt = receivedAt;
    const verdict = isBetter(clock, reading) ? takeBetter(clock, reading) : takeNext(clock, reading);
    if (at <= receivedAt + latenessMs) clock.soundAt = receivedAt;
    clock.readAt = clock.at;
    return verdict;
  }
}

const newClock: SourceClock = {
  at: -Infinity,
  setBack: undefined,
  readAt: -Infinity,
  leadMs: 0,
  doubtful: null,
  better: null,
  receivedAt: -Infinity,
  soundAt: -Infinity,
};

/** Whether the source's time is ahead, and a reading's time is before it and much closer to its arrival. */
function isBetter(clock: SourceClock, { at, receivedAt }: NotedReading): boolean {
  return clock.leadMs > shortMs && at < clock.at - shortMs && Math.abs(at - receivedAt) <= clock.leadMs / 4;
}

function takeBetter(clock: SourceClock, { at, receivedAt }: NotedReading): TimeVerdict {
  if (clock.better === null || at <= clock.better) {
    clock.better = at;
    return "sound";
  }
  const setBack = { count: (clock.setBack?.count ?? 0) + 1, to: at };
  Object.assign(clock, { at, setBack, leadMs: Math.max(0, at - receivedAt), doubtful: null, better: null });
  return "back";
}

function takeNext(clock: SourceClock, { at, receivedAt }: NotedReading): TimeVerdict {
  const { doubtful } = clock;
  const isFarAhead = () => at > Math.max(clock.at, receivedAt + clock.leadMs) + latenessMs;
  const isAlone = receivedAt >= clock.soundAt + soundMs;
  if (doubtful !== null && isAlone && isFarAhead() && at > doubtful.at) {
    clock.at = Math.max(clock.at, doubtful.at);
    clock.leadMs = doubtful.leadMs;
  }
  if (isFarAhead()) {
    clock.doubtful = { at, leadMs: at - receivedAt };
    return "early";
  }
  clock.doubtful = null;
  if (at <= clock.at) return "sound";
  clock.at = at;
  // A little more or less is the time on the way.
  clock.leadMs = at <= receivedAt + latenessMs ? 0 : Math.max(clock.leadMs, at - receivedAt);
  return "sound";
}
