/** How a recording is played: its speed, pauses, single steps and jumps, and where it is. */
import { t } from "../../language.ts";
import { maxGapMs, type Timeline } from "./timeline.ts";
import type { Playback, PlaybackDeed, PlaybackView } from "../../playback.ts";

const speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128] as const;

export class Player implements Playback {
  readonly #file: string;
  #speed: number | "max";
  #isPaused = false;
  /** Entries that a paused replay may still play. */
  #steps = 0;
  #at: number | null = null;
  readonly timeline: Timeline;
  /** The recorded time before which entries are left out. */
  #jumpTo: number | null = null;
  #goesBack = false;
  #hasEnded = false;
  /** Aborts the wait in progress when something changes. */
  #changed = new AbortController();

  constructor({ file, speed, timeline }: { file: string; speed: number | "max"; timeline: Timeline }) {
    this.#file = file;
    this.timeline = timeline;
    this.#speed = speed;
  }

  get speed(): number | "max" {
    return this.#jumpTo === null ? this.#speed : "max";
  }

  /** Aborts at the next change of speed, pause or place. */
  get changed(): AbortSignal {
    return this.#changed.signal;
  }

  /** Whether a jump leaves out the entry of this recorded time. */
  leavesOut(at: number): boolean {
    if (this.#jumpTo === null) return false;
    if (at < this.#jumpTo) return true;
    this.#jumpTo = null;
    return false;
  }

  /** An entry of this recorded time is played. */
  play(at: number): void {
    if (this.#steps > 0) this.#steps--;
    this.passTo(at);
  }

  /** Whether a jump leaves out what comes now. */
  get isJumping(): boolean {
    return this.#jumpTo !== null;
  }

  /** Whether the recording is to be read from its start again, because a jump goes back. */
  get goesBack(): boolean {
    return this.#goesBack;
  }

  /** The recording is read from its start again. */
  goBack(): void {
    this.#goesBack = false;
    this.#at = this.#jumpTo;
  }

  /** The replay has come to this recorded time. Far behind an entry with a wrong time it goes on from where it was. */
  passTo(at: number): void {
    const isAhead = this.#at === null || at > this.#at;
    if (isAhead || (at >= this.timeline.firstAt && this.#at! - at > maxGapMs)) this.#at = at;
  }

  /** Whether it waits for a person. */
  get isHeld(): boolean {
    return this.#isPaused && this.#steps === 0 && this.#jumpTo === null;
  }

  /** Whether it is to go on at once. */
  get isHurried(): boolean {
    return this.#steps > 0 || !this.isHeld && this.speed === "max";
  }

  end(): void {
    this.#hasEnded = true;
  }

  view(): PlaybackView {
    return {
      file: this.#file,
      speed: this.#speed,
      isPaused: this.#isPaused,
      hasEnded: this.#hasEnded,
      positionMs: this.#positionMs,
      lengthMs: this.timeline.lengthMs,
    };
  }

  get #positionMs(): number {
    return this.#at === null ? 0 : this.timeline.playedMs(this.#at);
  }

  perform(deed: PlaybackDeed): string {
    if (this.#hasEnded) return t`The recording has ended. Start it again to see it again.`;
    const said = this.#do(deed);
    this.#changed.abort();
    this.#changed = new AbortController();
    return said;
  }

  #do(deed: PlaybackDeed): string {
    switch (deed.kind) {
      case "pause":
        this.#isPaused = !this.#isPaused;
        this.#steps = 0;
        return this.#isPaused ? t`The replay is paused.` : t`The replay goes on.`;
      case "step":
        this.#isPaused = true;
        this.#steps = 1;
        return t`The replay plays one event and pauses.`;
      case "faster":
      case "slower":
        this.#speed = nextSpeed(this.#speed, deed.kind);
        return this.#speed === "max"
          ? t`The replay runs at full speed.`
          : t`The replay runs at ${this.#speed} times its speed.`;
      case "jump": {
        const from = this.#positionMs;
        const to = Math.max(0, deed.isRelative ? from + deed.ms : deed.ms);
        this.#jumpTo = this.timeline.recordedAt(to);
        this.#goesBack = to < from;
        return this.#goesBack
          ? t`The replay goes back. It goes on in a new session, and services act again on what comes.`
          : t`The replay leaves out what comes before that time.`;
      }
    }
  }
}

function nextSpeed(speed: number | "max", to: "faster" | "slower"): number | "max" {
  const last = speeds.at(-1) as number;
  if (speed === "max") return to === "faster" ? "max" : last;
  if (to === "faster") return speeds.find((each) => each > speed) ?? "max";
  return speeds.findLast((each) => each < speed) ?? speeds[0];
}
