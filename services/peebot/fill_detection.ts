/**
 * Finds fills of the tank in its level: a rise between two spans in which the level holds still.
 *
 * The sensor shows whole percents and jumps by one, so single readings say nothing. The level of a span is its median
 * within the whole percent; a rise counts when it exceeds both the smallest fill and what the noise could make, and
 * when the level has held for a while. Nothing is judged over a gap, or while the tank is in maintenance.
 */
import { type Sample, summarize, type Summary } from "./level.ts";
import type { DetectionOptions } from "./options.ts";

/** Times are Unix milliseconds, by the source's clock. */
export interface Fill {
  from: number;
  to: number;
  /** Percent: after the fill, and the difference to before. */
  level: number;
  rise: number;
  /** 0 to 1. */
  confidence: number;
}

export interface Seen {
  /** The time of the judgement. */
  now: number;
  /** In order of time. The first one may be older than the window: it still held when the window began. */
  levels: readonly Sample[];
  processor: readonly Sample[];
  /** The end of the last gap; a rise must lie after it. */
  signalSince: number;
}

/** What `find` keeps from one judgement to the next. */
export interface Memory {
  /** The last rise that was found ended here; 0: there was none. */
  judgedUntil: number;
}

/** A hold before a rise is looked for in steps of this part of its length. */
const holdSteps = 4;
/** Readings of one tank that are closer in time have the same noise. */
const independentMs = 10_000;
/** A longer hold would find nothing but the largest fills. */
const longestHoldMs = 300_000;
/** So many of the latest readings show the rate. */
const rateReadings = 30;
/** Percent. Of two holds whose levels differ by less, the later one is before the fill. */
const noticeable = 0.25;

interface Rate {
  /**
   * Only changes are sent. Then few readings say as much as many: each value holds exactly until the next one.
   */
  isOnChange: boolean;
  /** How long the level has to hold. */
  holdMs: number;
}

export class FillDetection {
  readonly #options: DetectionOptions;

  constructor(options: DetectionOptions) {
    this.#options = options;
  }

  /** How much of the past `find` looks at, in milliseconds. */
  get windowMs(): number {
    return 2 * longestHoldMs + this.#options.max_fill_seconds * 1000;
  }

  /** The fill that has just ended, or null. */
  find({ now, levels, processor, signalSince }: Seen, memory: Memory): Fill | null {
    if (this.#isIgnored(processor, now)) return null;
    const since = Math.max(signalSince, memory.judgedUntil, now - this.windowMs);
    const rate = this.#rateOf(levels);
    const { holdMs } = rate;
    if (now - holdMs < since + holdMs) return null;
    const after = this.#hold(levels, { from: now - holdMs, to: now, rate });
    if (after === null) return null;
    const before = this.#lowest(levels, { since, until: now - holdMs, holdMs, below: after });
    if (before === null) return null;
    const fill = this.#judge({ before, after, processor, rate });
    if (fill === null) return null;
    // A slow fill may seem to hold in its midst. The level did not hold for longer than that, so it goes on.
    const isSame = fill.from - memory.judgedUntil < holdMs + this.#options.apart_seconds * 1000;
    memory.judgedUntil = fill.to;
    return isSame ? null : fill;
  }

  #rateOf(levels: readonly Sample[]): Rate {
    const { hold_seconds, hold_readings } = this.#options;
    const latest = levels.slice(-rateReadings);
    const isOnChange = latest.every(({ value }, index) => value !== latest[index - 1]?.value);
    const spans = latest.slice(1).map(({ at }, index) => at - (latest[index] as Sample).at)
      .sort((one, other) => one - other);
    const usual = isOnChange ? 0 : spans[Math.floor(spans.length / 2)] ?? 0;
    const holdMs = Math.min(longestHoldMs, Math.max(hold_seconds * 1000, hold_readings * usual));
    return { isOnChange, holdMs };
  }

  /** Null if the level does not hold still: its halves differ. */
  #hold(
    levels: readonly Sample[],
    { from, to, rate }: { from: number; to: number; rate: Rate },
  ): Summary | null {
    const whole = summarize(levels, from, to);
    const middle = (from + to) / 2;
    const first = summarize(levels, from, middle);
    const second = summarize(levels, middle, to);
    if (whole === null || first === null || second === null) return null;
    const slack = this.#options.hold_within + Math.SQRT2 * errorOf(whole, rate);
    return Math.abs(second.median - first.median) <= slack ? whole : null;
  }

  #lowest(
    levels: readonly Sample[],
    { since, until, holdMs, below }: { since: number; until: number; holdMs: number; below: Summary },
  ): Summary | null {
    const earliest = Math.max(since + holdMs, until - this.#options.max_fill_seconds * 1000);
    let lowest: Summary | null = null;
    for (let end = until; end >= earliest; end -= holdMs / holdSteps) {
      const span = summarize(levels, end - holdMs, end);
      if (span === null) break;
      if (lowest === null || span.median < lowest.median - noticeable) lowest = span;
    }
    return lowest === null || lowest.median >= below.median ? null : lowest;
  }

  #judge(
    { before, after, processor, rate }: {
      before: Summary;
      after: Summary;
      processor: readonly Sample[];
      rate: Rate;
    },
  ): Fill | null {
    const { min_rise, max_rise, certainty } = this.#options;
    const rise = after.median - before.median;
    const error = Math.hypot(errorOf(before, rate), errorOf(after, rate));
    const needed = Math.max(min_rise, certainty * error) + this.#rebound(processor, before.to, after.from);
    if (rise < needed || rise > max_rise) return null;
    return {
      from: before.to,
      to: after.from,
      level: Math.round(after.median),
      rise: Math.round(rise),
      confidence: Math.min(1, 0.5 + (rise - needed) / (2 * needed)),
    };
  }

  #isIgnored(processor: readonly Sample[], now: number): boolean {
    const { ignored_states } = this.#options;
    return processor.some(({ value }, index) =>
      ignored_states.includes(value) && (processor[index + 1]?.at ?? now) > now - this.windowMs
    );
  }

  /** What may have run back because the processor stopped shortly before or during the rise. */
  #rebound(processor: readonly Sample[], from: number, to: number): number {
    const { processing_states, rebound, rebound_seconds } = this.#options;
    const hasStopped = processor.some(({ at, value }, index) => {
      const earlier = processor[index - 1];
      return earlier !== undefined && processing_states.includes(earlier.value) &&
        !processing_states.includes(value) && at <= to && at >= from - rebound_seconds * 1000;
    });
    return hasStopped ? rebound : 0;
  }
}

/** The standard error of the median of a span. */
function errorOf({ spread, count, from, to }: Summary, { isOnChange }: Rate): number {
  const most = (to - from) / independentMs;
  return spread / Math.sqrt(Math.max(1, isOnChange ? most : Math.min(count, most)));
}
