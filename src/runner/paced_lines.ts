/**
 * Rate-limits the lines that a service writes to the log, so that a person can still find something in it. A longer
 * text is cut, and lines above the rate are dropped. The log counts the dropped lines.
 */
import type { Clock } from "../clock.ts";
import { type LogLevel, logLevels } from "../log/log.ts";
import type { LineSubject } from "../kit/service.ts";
import { formatNumber, t } from "../language.ts";
import type { WriteLine } from "./service_log.ts";

/** Characters in one call. */
export const maxTextCharacters = 8_000;
const maxTextLines = 50;

/** The burst, and the rate per second. */
const burst = { lines: 1_000, characters: 256_000 };
const perSecond = { lines: 300, characters: 128_000 };

export interface PacedLinesOptions {
  clock: Clock;
  write: WriteLine;
  /** Whether a line can be sent now. */
  hasRoom?: (() => boolean) | undefined;
}

export class PacedLines {
  readonly #options: PacedLinesOptions;
  readonly #left = { ...burst };
  #filledAt: number;
  /** Dropped lines that have not been reported, and the highest level among them. */
  #dropped = 0;
  #level: LogLevel = "debug";
  #cancelReport: (() => void) | null = null;

  constructor(options: PacedLinesOptions) {
    this.#options = options;
    this.#filledAt = options.clock.monotonic();
  }

  write(level: LogLevel, given: string, about?: LineSubject): void {
    const { text, lines, more } = shortened(given);
    this.#fill();
    const left = this.#left;
    const hasRoom = this.#options.hasRoom?.() ?? true;
    if (!hasRoom || left.lines < lines || left.characters < text.length) {
      return this.#drop(level, lines + more);
    }
    this.reportDropped();
    left.lines -= lines;
    left.characters -= text.length;
    this.#options.write(level, more === 0 ? text : `${text}\n${moreLines(more)}`, about);
  }

  /** Reports the dropped lines. */
  reportDropped(): void {
    this.#cancelReport?.();
    this.#cancelReport = null;
    if (this.#dropped === 0) return;
    this.#options.write(this.#level, moreLines(this.#dropped));
    this.#dropped = 0;
    this.#level = "debug";
  }

  #drop(level: LogLevel, lines: number): void {
    this.#dropped += lines;
    if (logLevels.indexOf(level) > logLevels.indexOf(this.#level)) this.#level = level;
    this.#cancelReport ??= this.#options.clock.after(1000, () => this.reportDropped());
  }

  #fill(): void {
    const now = this.#options.clock.monotonic();
    const seconds = (now - this.#filledAt) / 1000;
    this.#filledAt = now;
    const left = this.#left;
    left.lines = Math.min(burst.lines, left.lines + seconds * perSecond.lines);
    left.characters = Math.min(burst.characters, left.characters + seconds * perSecond.characters);
  }
}

function moreLines(count: number): string {
  return count === 1 ? t`… and 1 more line` : t`… and ${formatNumber(count)} more lines`;
}

/** The first lines of a text, their number, and how many more there are. */
function shortened(text: string): { text: string; lines: number; more: number } {
  let lines = 1;
  let end = text.length;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    if (lines === maxTextLines) end = at;
    lines++;
  }
  const shown = Math.min(lines, maxTextLines);
  const cut = text.slice(0, Math.min(end, maxTextCharacters));
  const more = lines - shown;
  return end > maxTextCharacters
    ? {
      text: t`${cut}\n… (cut: it has ${formatNumber(text.length)} characters)`,
      lines: shown,
      more,
    }
    : { text: cut, lines: shown, more };
}
