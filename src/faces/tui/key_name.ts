/** Converts Ink's key press to the name of `src/key.ts`; "" for keys without a name. */
import type { Key } from "ink";

/** A key press; `character` is what it types, or "". */
export interface NamedPress {
  name: string;
  character: string;
}

/** Fast key presses arrive as one text. Each character is a press of its own. */
export function namedPresses(input: string, key: Key): NamedPress[] {
  const name = keyName(input, key);
  if (name !== input) return [{ name, character: "" }];
  return [...input].map((character) => ({ name: characterName(character), character }));
}

export function keyName(input: string, key: Key): string {
  if (key.upArrow) return "up";
  if (key.downArrow) return "down";
  if (key.leftArrow) return "left";
  if (key.rightArrow) return "right";
  if (key.pageUp) return "pageup";
  if (key.pageDown) return "pagedown";
  if (key.home) return "home";
  if (key.end) return "end";
  if (key.return) return "enter";
  if (key.escape) return "esc";
  if (key.tab) return key.shift ? "shift-tab" : "tab";
  if (key.backspace) return "backspace";
  if (key.delete) return "delete";
  // Ctrl-P arrives as "p" with a flag, but is a different key.
  if (key.ctrl) return input === "" ? "" : `ctrl-${input}`;
  if (key.meta) return "";
  return input;
}

/** The name of a single character, which may come from a longer input. A tab or line break in it counts as a key too. */
export function characterName(character: string): string {
  switch (character) {
    case " ":
      return "space";
    case "\t":
      return "tab";
    case "\r":
    case "\n":
      return "enter";
    default:
      return character;
  }
}
