/**
 * The live stream: speech in its time, and silence between. Its time is cut into segments of whole frames, so that a
 * segment's number, its place and the clock never drift apart, for however long it runs. The numbers go by the time of
 * day at the start: they go on over a restart.
 */
import type { Clip } from "../clip.ts";
import { frameMs, silentFrame } from "../mp3.ts";

/** 1.8 seconds. */
const segmentFrames = 75;
/** As long as a player may still want them. */
const keptSegments = 20;
const listedSegments = 8;
const dayFrames = 86_400_000 / frameMs;
/** A day is a whole number of them. */
const daySegments = dayFrames / segmentFrames;
/** So much speech may be put behind what is heard. */
const maxAheadFrames = 600_000 / frameMs;
/** A player asks for what is new every second or two. */
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
  /** Frames since its times began anew, as they do once a day. */
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
  /** In order of time, one behind the other. */
  #placed: Placed[] = [];
  #askedAt = -Infinity;
  /** The speech whose segments are being added. */
  #speech: symbol | null = null;

  constructor(clock: TimelineClock = systemClock) {
    this.#clock = clock;
    this.#originMs = clock.now() - clock.monotonic();
  }

  /** Somebody's player has asked for it a moment ago. */
  get isHeard(): boolean {
    return this.#clock.monotonic() - this.#askedAt < heardMs;
  }

  /** A speech begins: each segment is heard behind the one before it. Resolves when all are in their places. */
  async begin(segments: readonly Promise<Pick<Clip, "frames">>[]): Promise<void> {
    const speech = Symbol();
    this.#speech = speech;
    for (const segment of segments) {
      const made = await segment.catch(() => null);
      if (made === null || this.#speech !== speech) return;
      this.#add(made.frames);
    }
  }

  /** The speech ends here: from now on it is silent. */
  cut(): void {
    this.#speech = null;
    const now = this.#frame;
    this.#placed = this.#placed
      .filter(({ start }) => start < now)
      .map(({ start, frames }) => ({ start, frames: frames.slice(0, now - start) }));
  }

  /** What a player is told of, oldest first. Whoever asks is taken for a listener. */
  ask(): LiveSegment[] {
    this.#askedAt = this.#clock.monotonic();
    const end = this.#segment;
    return Array.from({ length: listedSegments }, (_, index) => this.#at(end - listedSegments + index));
  }

  /** Null when it has not ended yet, or is long over. */
  segment(number: number): LiveSegment | null {
    const end = this.#segment;
    return number >= end || number < end - keptSegments ? null : this.#at(number);
  }

  /** The one under way. */
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

  /** From now on, or behind what is already there. What is too far ahead is left out. */
  #add(frames: readonly Uint8Array[]): void {
    const now = this.#frame;
    const kept = (this.#segment - keptSegments) * segmentFrames;
    this.#placed = this.#placed.filter(({ start, frames }) => start + frames.length > kept);
    const start = Math.max(now, this.#end);
    this.#placed.push({ start, frames: frames.slice(0, Math.max(0, now + maxAheadFrames - start)) });
  }
}

/** How often times had begun anew before this segment, the beginning that it may be itself not counted. */
export function discontinuityNumber(number: number): number {
  return Math.floor((number - 1) / daySegments);
}
