/**
 * Reads the terminal's input before Ink does, and takes what Ink does not tell: function keys. Everything else goes on to
 * Ink. Only complete sequences do, because Ink would take the pieces of a sequence that comes slowly as typed letters.
 */
import type { Clock } from "../../clock.ts";
import { replacing } from "../../replacing.ts";

export interface TerminalInputOptions {
  stdin: NodeJS.ReadStream;
  clock: Clock;
  /** Called with the name of a function key, as in `src/key.ts`. */
  onKey: (name: string) => void;
}

/** An Esc for which nothing follows within this time is the Esc key. */
const escapeMs = 30;

const pasteStart = "\x1b[200~";
const pasteEnd = "\x1b[201~";
// deno-lint-ignore no-control-regex
const begun = /^\x1b(?:\[\[?[0-?]*[ -/]*|O[0-9;]*)?$/;
// deno-lint-ignore no-control-regex
const complete = /^\x1b(?:\[\[?[0-?]*[ -/]*[@-~]|O[0-9;]*[@-~])/;

export class TerminalInput {
  /** The stream for Ink. */
  readonly stdin: NodeJS.ReadStream;
  readonly #options: TerminalInputOptions;
  /** The beginning of a sequence. */
  #held = "";
  /** Held input that Ink should read now. */
  #released = "";
  #cancelRelease = () => {};
  #isPasting = false;

  constructor(options: TerminalInputOptions) {
    this.#options = options;
    this.stdin = replacing(options.stdin, { read: this.#read });
  }

  /** Forgets held input, because another program gets the terminal. */
  readonly stop = (): void => {
    this.#cancelRelease();
    this.#held = this.#released = "";
    this.#isPasting = false;
  };

  readonly #read = (): string | null => {
    const released = this.#released;
    this.#released = "";
    if (released !== "") return released;
    const chunk = this.#options.stdin.read();
    return chunk === null ? null : this.#take(String(chunk));
  };

  /** Returns what Ink should read. */
  #take(chunk: string): string {
    this.#cancelRelease();
    let left = this.#held + chunk;
    let forInk = "";
    this.#held = "";
    while (left !== "") {
      const next = this.#nextPart(left);
      if (next === null) {
        this.#hold(left);
        break;
      }
      left = left.slice(next.length);
      if (!this.#isTaken(next)) forInk += next;
    }
    return forInk;
  }

  /** The text up to the next sequence, or the sequence; null if it is not complete yet. */
  #nextPart(input: string): string | null {
    const at = input.indexOf("\x1b");
    if (at !== 0) return at === -1 ? input : input.slice(0, at);
    if (this.#isPasting && !pasteEnd.startsWith(input.slice(0, pasteEnd.length))) return "\x1b";
    if (begun.test(input)) return null;
    return complete.exec(input)?.[0] ?? "\x1b";
  }

  #isTaken(part: string): boolean {
    if (part === pasteStart) this.#isPasting = true;
    if (part === pasteEnd) this.#isPasting = false;
    const key = this.#isPasting ? null : functionKey(part);
    if (key !== null) this.#options.onKey(key);
    return key !== null;
  }

  #hold(begun: string): void {
    this.#held = begun;
    // The end of a paste comes for certain.
    if (this.#isPasting) return;
    this.#cancelRelease = this.#options.clock.after(escapeMs, () => {
      this.#released = this.#held;
      this.#held = "";
      this.#options.stdin.emit("readable");
    });
  }
}

const numbered: Record<string, string> = {
  ...{ 2: "insert", 11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7" },
  ...{ 19: "f8", 20: "f9", 21: "f10", 23: "f11", 24: "f12" },
};

/** The name of the function key for which xterm, rxvt or the Linux console send this; null for any other input. */
function functionKey(sequence: string): string | null {
  // deno-lint-ignore no-control-regex
  const [, letter, ofLinux, number] = /^\x1b(?:O([P-S])|\[\[([A-E])|\[(\d+)~)$/.exec(sequence) ?? [];
  if (letter !== undefined) return `f${letter.charCodeAt(0) - 0x4f}`;
  if (ofLinux !== undefined) return `f${ofLinux.charCodeAt(0) - 0x40}`;
  return number === undefined ? null : numbered[number] ?? null;
}
