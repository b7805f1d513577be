/**
 * Lines of a service's log on their way to Livecue's: no more in a second than a person could look for something in.
 * A longer text is cut, and lines over the rate are left out. Both are told, by their number.
 */
import type { Clock } from "../clock.ts";
import { type LogLevel, logLevels } from "../log/log.ts";

/** Of one call. */
export const maxTextLetters = 8_000;
const maxTextLines = 50;

/** At once, and in each second from then on. */
const burst = { lines: 1_000, letters: 256_000 };
const aSecond = { lines: 300, letters: 128_000 };

export interface PacedLinesOptions {
  clock: Clock;
  say(level: LogLevel, text: string): void;
  /** Whether a line can be said now. */
  hasRoom?: (() => boolean) | undefined;
}

export class PacedLines {
  readonly #options: PacedLinesOptions;
  readonly #left = { ...burst };
  #filledAt: number;
  /** Lines that were left out and have not been told, and the gravest level among them. */
  #leftOut = 0;
  #level: LogLevel = "debug";
  #cancelTelling: (() => void) | null = null;

  constructor(options: PacedLinesOptions) {
    this.#options = options;
    this.#filledAt = options.clock.monotonic();
  }

  write(level: LogLevel, given: string): void {
    const { text, lines, more } = shortened(given);
    this.#fill();
    const left = this.#left;
    const hasRoom = this.#options.hasRoom?.() ?? true;
    if (!hasRoom || left.lines < lines || left.letters < text.length) {
      return this.#leaveOut(level, lines + more);
    }
    this.tell();
    left.lines -= lines;
    left.letters -= text.length;
    this.#options.say(level, more === 0 ? text : `${text}\n${moreLines(more)}`);
  }

  /** Tells of what was left out. */
  tell(): void {
    this.#cancelTelling?.();
    this.#cancelTelling = null;
    if (this.#leftOut === 0) return;
    this.#options.say(this.#level, moreLines(this.#leftOut));
    this.#leftOut = 0;
    this.#level = "debug";
  }

  #leaveOut(level: LogLevel, lines: number): void {
    this.#leftOut += lines;
    if (logLevels.indexOf(level) > logLevels.indexOf(this.#level)) this.#level = level;
    this.#cancelTelling ??= this.#options.clock.after(1000, () => this.tell());
  }

  #fill(): void {
    const now = this.#options.clock.monotonic();
    const seconds = (now - this.#filledAt) / 1000;
    this.#filledAt = now;
    const left = this.#left;
    left.lines = Math.min(burst.lines, left.lines + seconds * aSecond.lines);
    left.letters = Math.min(burst.letters, left.letters + seconds * aSecond.letters);
  }
}

function moreLines(count: number): string {
  return count === 1 ? "… and 1 more line" : `… and ${count.toLocaleString("en-US")} more lines`;
}

/** The first lines of a text, their number, and how many more it has. */
function shortened(text: string): { text: string; lines: number; more: number } {
  let lines = 1;
  let end = text.length;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    if (lines === maxTextLines) end = at;
    lines++;
  }
  const shown = Math.min(lines, maxTextLines);
  const cut = text.slice(0, Math.min(end, maxTextLetters));
  const more = lines - shown;
  return end > maxTextLetters
    ? { text: `${cut}\n… (cut: it has ${text.length.toLocaleString("en-US")} letters)`, lines: shown, more }
    : { text: cut, lines: shown, more };
}
