/**
 * The live stream: speech with silence in between. A segment is a whole number of frames, and its number follows from
 * the clock, so the stream never drifts. The wall clock gives the first number, so numbers continue after a restart.
 */
import type { Clip } from "../clip.ts";
import { frameMs, silentFrame } from "../mp3.ts";

/** 1.8 seconds. */
const segmentFrames = 75;
/** A player may still ask for a segment that is no longer listed. */
const keptSegments = 20;
const listedSegments = 8;
const dayFrames = 86_400_000 / frameMs;
/** A day is a whole number of segments. */
const daySegments = dayFrames / segmentFrames;
/** The most speech that may be ahead of the clock. */
const maxAheadFrames = 600_000 / frameMs;
/** A player asks for the playlist every second or two. */
const heardMs = 10_000;

export interface TimelineClock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds that never go back. */
  monotonic(): number;
}

export interface LiveSegment {
  readonly number: number;
  readonly frames: readonly Uint8Array[];
  /** Frames since times began at 0. Times begin at 0 again once a day. */
  readonly at: number;
  readonly isDiscontinuous: boolean;
}

interface Placed {
  readonly start: number;
  readonly frames: readonly Uint8Array[];
}

const systemClock: TimelineClock = { now: () => Date.now(), monotonic: () => performance.now() };

export class LiveTimeline {
  readonly #clock: TimelineClock;
  /** Unix time when the monotonic clock was 0. */
  readonly #originMs: number;
  /** In order of time. */
  #placed: Placed[] = [];
  #askedAt = -Infinity;
  /** The current speech. */
  #speech: symbol | null = null;

  constructor(clock: TimelineClock = systemClock) {
    this.#clock = clock;
    this.#originMs = clock.now() - clock.monotonic();
  }

  /** Whether a player has asked for the playlist in the last ten seconds. */
  get isHeard(): boolean {
    return this.#clock.monotonic() - this.#askedAt < heardMs;
  }

  /** Adds the segments of a speech one after another. Resolves when all have their places. */
  async begin(segments: readonly Promise<Pick<Clip, "frames">>[]): Promise<void> {
    const speech = Symbol();
    this.#speech = speech;
    for (const segment of segments) {
      const made = await segment.catch(() => null);
      if (made === null || this.#speech !== speech) return;
      this.#add(made.frames);
    }
  }

  /** Ends the speech: the stream is silent from now on. */
  cut(): void {
    this.#speech = null;
    const now = this.#frame;
    this.#placed = this.#placed
      .filter(({ start }) => start < now)
      .map(({ start, frames }) => ({ start, frames: frames.slice(0, now - start) }));
  }

  /** The segments of the playlist, oldest first. The caller counts as a listener. */
  ask(): LiveSegment[] {
    this.#askedAt = this.#clock.monotonic();
    const end = this.#segment;
    return Array.from({ length: listedSegments }, (_, index) => this.#at(end - listedSegments + index));
  }

  /** Null when the segment is not over yet, or no longer kept. */
  segment(number: number): LiveSegment | null {
    const end = this.#segment;
    return number >= end || number < end - keptSegments ? null : this.#at(number);
  }

  /** The number of the current segment. */
  get #segment(): number {
    return Math.floor(this.#frame / segmentFrames);
  }

  get #frame(): number {
    return Math.floor((this.#originMs + this.#clock.monotonic()) / frameMs);
  }

  get #end(): number {
    const last = this.#placed.at(-1);
    return last === undefined ? 0 : last.start + last.frames.length;
  }

  #at(number: number): LiveSegment {
    const first = number * segmentFrames;
    const frames = Array<Uint8Array>(segmentFrames).fill(silentFrame);
    for (const { start, frames: placed } of this.#placed) {
      const [from, to] = [Math.max(first, start), Math.min(first + segmentFrames, start + placed.length)];
      for (let frame = from; frame < to; frame++) frames[frame - first] = placed[frame - start] as Uint8Array;
    }
    return { number, frames, at: first % dayFrames, isDiscontinuous: number % daySegments === 0 };
  }

  /** Places the frames at the current time, or after frames already placed. Cuts off frames too far ahead. */
  #add(frames: readonly Uint8Array[]): void {
    const now = this.#frame;
    const kept = (this.#segment - keptSegments) * segmentFrames;
    this.#placed = this.#placed.filter(({ start, frames }) => start + frames.length > kept);
    const start = Math.max(now, this.#end);
    this.#placed.push({ start, frames: frames.slice(0, Math.max(0, now + maxAheadFrames - start)) });
  }
}

/** The number of times that times began at 0 again before this segment. */
export function discontinuityNumber(number: number): number {
  return Math.floor((number - 1) / daySegments);
}
