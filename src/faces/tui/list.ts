/**
 * A cursor in a changing list. A list that follows stays at its end. Otherwise the cursor stays on its line, and the
 * line stays on its row of the window, whatever is added before or after it.
 */

export interface Cursor {
  /** The key of the selected line; null follows the end. */
  key: string | null;
  /** The selected line's row in the window. */
  row: number;
}

export const following: Cursor = { key: null, row: 0 };

/** The lines that a window shows: from index `first` on, with `selected` among them (-1 in an empty list). */
export interface ListWindow {
  first: number;
  selected: number;
}

/** "scroll_up" and "scroll_down" move the window, and the cursor with it. */
export type Move = "up" | "down" | "scroll_up" | "scroll_down" | "page_up" | "page_down" | "top" | "bottom";

/** The moves by a fixed number of lines. */
export const steps = { up: -1, down: 1, scroll_up: -3, scroll_down: 3 } as const;

/** `keys` are the keys of the lines, in order. A cursor whose line no longer exists moves to the end. */
export function windowOf(keys: readonly string[], cursor: Cursor, rows: number): ListWindow {
  const last = keys.length - 1;
  const found = cursor.key === null ? -1 : keys.indexOf(cursor.key);
  const lowestFirst = Math.max(0, keys.length - rows);
  if (found === -1) return { first: lowestFirst, selected: last };
  const row = Math.min(Math.max(0, cursor.row), Math.max(0, rows - 1));
  return { first: Math.min(Math.max(0, found - row), lowestFirst), selected: found };
}

/** Moves the cursor. If `follows`, moving to the last line follows the end again. */
export function moveCursor(
  keys: readonly string[],
  cursor: Cursor,
  { move, rows, follows }: { move: Move; rows: number; follows: boolean },
): Cursor {
  if (keys.length === 0) return cursor;
  const { first, selected } = windowOf(keys, cursor, rows);
  const last = keys.length - 1;
  const target = Math.min(last, Math.max(0, selected + distance(move, rows, keys.length)));
  if (follows && target === last) return following;
  const isScroll = move === "scroll_up" || move === "scroll_down";
  const row = Math.min(Math.max(0, (isScroll ? selected : target) - first), Math.max(0, rows - 1));
  return { key: keys[target] as string, row };
}

/** Steps through a cycle of choices, backwards with -1. */
export function stepThrough<Choice>(choices: readonly Choice[], present: Choice, by: 1 | -1): Choice {
  const index = (choices.indexOf(present) + by + choices.length) % choices.length;
  return choices[index] as Choice;
}

function distance(move: Move, rows: number, count: number): number {
  switch (move) {
    case "up":
    case "down":
    case "scroll_up":
    case "scroll_down":
      return steps[move];
    case "page_up":
      return -Math.max(1, rows - 1);
    case "page_down":
      return Math.max(1, rows - 1);
    case "top":
      return -count;
    case "bottom":
      return count;
  }
}
