/** A window on a long list, of which the screen only has the lines that it read last. */
import { type Move, steps } from "./list.ts";

export interface WindowedList<Line> {
  /** The number of lines; null: not known yet. */
  count: number | null;
  /** The selected line, counted from 0. */
  selected: number;
  /** The first line in the window. */
  first: number;
  /** The lines that were read last: those from `linesFrom` on. */
  lines: Line[];
  linesFrom: number;
  /** The `takenMs` of the snapshot at which lines were asked for last. */
  askedMs: number;
}

export const emptyWindow: WindowedList<never> = {
  count: null,
  selected: 0,
  first: 0,
  lines: [],
  linesFrom: 0,
  askedMs: -Infinity,
};

/** The list with another selected line, and a window of so many rows that shows it. */
export function moved<List extends WindowedList<unknown>>(list: List, move: Move, rows: number): List {
  const last = Math.max(0, (list.count ?? 0) - 1);
  const page = Math.max(1, rows - 1);
  const targets: Record<Move, number> = {
    up: list.selected + steps.up,
    down: list.selected + steps.down,
    scroll_up: list.selected + steps.scroll_up,
    scroll_down: list.selected + steps.scroll_down,
    page_up: list.selected - page,
    page_down: list.selected + page,
    top: 0,
    bottom: last,
  };
  const selected = Math.min(last, Math.max(0, targets[move]));
  const isScroll = move === "scroll_up" || move === "scroll_down";
  const begin = list.first + (isScroll ? selected - list.selected : 0);
  const first = Math.max(0, Math.min(selected, Math.max(begin, selected - rows + 1)));
  return { ...list, selected, first };
}

/** Whether all lines in the window were read. */
export function hasLines({ first, lines, linesFrom, count }: WindowedList<unknown>, rows: number): boolean {
  const end = Math.min(count ?? Infinity, first + rows);
  return first >= linesFrom && end <= linesFrom + lines.length;
}

export function selectedLine<Line>({ lines, selected, linesFrom }: WindowedList<Line>): Line | null {
  return lines[selected - linesFrom] ?? null;
}

/** The list with a page that was read. */
export function withPage<Line, List extends WindowedList<Line>>(
  list: List,
  { from, count, lines }: { from: number; count: number; lines: Line[] },
): List {
  const last = Math.max(0, count - 1);
  return {
    ...list,
    count,
    lines,
    linesFrom: from,
    selected: Math.min(list.selected, last),
    first: Math.min(list.first, last),
  };
}
