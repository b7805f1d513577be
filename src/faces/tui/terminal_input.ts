/**
 * Reads the terminal's input before Ink does, and takes what Ink does not tell: function keys and the mouse. Everything else
 * goes on to Ink. Only complete sequences do, because Ink would take the pieces of one that comes slowly as typed letters.
 */
import type { Clock } from "../../clock.ts";
import { replacing } from "../../replacing.ts";

/** `column` and `row` count from 0. */
export interface MouseInput {
  kind: "press" | "scroll_up" | "scroll_down";
  column: number;
  row: number;
}

export interface TerminalInputOptions {
  stdin: NodeJS.ReadStream;
  clock: Clock;
  /** Called with the name of a function key, as in `src/key.ts`. */
  onKey: (name: string) => void;
  onMouse: (event: MouseInput) => void;
}

/** An Esc for which nothing follows within this time is the Esc key. */
const escapeMs = 30;

const pasteStart = "\x1b[200~";
const pasteEnd = "\x1b[201~";
// Terminals without SGR send three characters after "M" for the mouse.
// deno-lint-ignore no-control-regex
const begun = /^\x1b(?:\[M[^]{0,2}|\[\[?[0-?]*[ -/]*|O[0-9;]*)?$/;
// deno-lint-ignore no-control-regex
const complete = /^\x1b(?:\[M[^]{3}|\[\[?[0-?]*[ -/]*[@-~]|O[0-9;]*[@-~])/;
/** No key begins so. */
const beginOfMouse = "\x1b[<";

export class TerminalInput {
  /** The stream for Ink. */
  readonly stdin: NodeJS.ReadStream;
  readonly #options: TerminalInputOptions;
  /** Input that was read, and not yet taken. */
  #left = "";
  /** The beginning of a sequence. */
  #held = "";
  /** Held input that Ink should read now. */
  #released = "";
  /** Held input that Ink got last, which may yet be the beginning of a mouse sequence. */
  #taken = "";
  #cancelRelease = () => {};
  #isPasting = false;

  constructor(options: TerminalInputOptions) {
    this.#options = options;
    this.stdin = replacing(options.stdin, { read: this.#read });
  }

  /** Forgets held input, because another program gets the terminal. */
  readonly stop = (): void => {
    this.#cancelRelease();
    this.#left =
      this.#held =
      this.#released =
      this.#taken =
        "";
    this.#isPasting = false;
  };

  /** Ink calls it until it returns null, and takes in each part before the next one. */
  readonly #read = (): string | null => {
    const released = this.#released;
    this.#released = "";
    if (released !== "") return released;
    while (true) {
      if (this.#left === "" && !this.#readMore()) return null;
      const part = this.#nextPart(this.#left);
      if (part === null) this.#hold(this.#left);
      this.#left = this.#left.slice(part?.length ?? Infinity);
      if (part !== null && !this.#isTaken(part)) return part;
    }
  };

  #readMore(): boolean {
    const chunk = this.#options.stdin.read();
    if (chunk === null) return false;
    this.#cancelRelease();
    const early = `${this.#taken}${chunk}`;
    const isLateMouse = this.#taken !== "" && early.startsWith(beginOfMouse);
    this.#left = isLateMouse ? early : `${this.#held}${chunk}`;
    this.#held = this.#taken = "";
    return true;
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
    if (this.#isPasting) return false;
    const key = functionKey(part);
    if (key !== null) this.#options.onKey(key);
    const event = mouseEvent(part);
    if (event !== null) this.#options.onMouse(event);
    return key !== null || isMouse(part);
  }

  #hold(begun: string): void {
    this.#held = begun;
    // The rest comes for certain.
    if (this.#isPasting || begun.startsWith(beginOfMouse)) return;
    this.#cancelRelease = this.#options.clock.after(escapeMs, () => {
      this.#released = this.#taken = this.#held;
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

// deno-lint-ignore no-control-regex
const sgr = /^\x1b\[<(\d+);(\d+);(\d+)([Mm])$/;

function isMouse(sequence: string): boolean {
  return sequence.startsWith(beginOfMouse) || sequence.startsWith("\x1b[M");
}

const buttons: Record<number, MouseInput["kind"]> = { 0: "press", 64: "scroll_up", 65: "scroll_down" };

/** A press of the left button or a turn of the wheel, as terminals report them in the SGR form; null for others. */
function mouseEvent(sequence: string): MouseInput | null {
  const [, button, column, row, end] = sgr.exec(sequence) ?? [];
  const kind = buttons[Number(button)];
  if (kind === undefined || end !== "M") return null;
  return { kind, column: Number(column) - 1, row: Number(row) - 1 };
}
