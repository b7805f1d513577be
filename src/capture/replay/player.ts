/** How a recording is played: its speed, pauses, single steps and jumps forward, and where it is. */
import { t } from "../../language.ts";
import type { Playback, PlaybackDeed, PlaybackView } from "../../playback.ts";

const speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128] as const;

export class Player implements Playback {
  readonly #file: string;
  #speed: number | "max";
  #isPaused = false;
  /** Entries that a paused replay may still play. */
  #steps = 0;
  #firstAt: number | null = null;
  #at: number | null = null;
  /** Recorded time of the last entry of the file; null if unknown. */
  lastAt: number | null = null;
  #jumpTo: number | null = null;
  #hasEnded = false;
  /** Aborts the wait in progress when something changes. */
  #changed = new AbortController();

  constructor({ file, speed }: { file: string; speed: number | "max" }) {
    this.#file = file;
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

  /** The first time of the recording. */
  begin(at: number): void {
    this.#firstAt ??= at;
  }

  /** The replay has come to this recorded time. */
  passTo(at: number): void {
    this.#at = Math.max(at, this.#at ?? at);
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
    const first = this.#firstAt ?? 0;
    return {
      file: this.#file,
      speed: this.#speed,
      isPaused: this.#isPaused,
      hasEnded: this.#hasEnded,
      positionMs: this.#at === null ? 0 : this.#at - first,
      lengthMs: this.lastAt === null || this.#firstAt === null ? null : Math.max(0, this.lastAt - first),
    };
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
        const from = this.#at ?? this.#firstAt ?? 0;
        const to = deed.isRelative ? from + deed.ms : (this.#firstAt ?? 0) + deed.ms;
        if (to <= from) return t`A replay jumps only forward: start it again to see what was before.`;
        this.#jumpTo = to;
        return t`The replay leaves out what comes before that time.`;
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
