/** Parts that all panes share: the title line, the marker of the selected line, and table columns. */
import { translated } from "../../../language.ts";
import type { Line, Span, Style } from "../theme.ts";
import { fit, steady, textWidth } from "../width.ts";

export interface Title {
  /** The key that focuses it; null if there is none. */
  number: number | null;
  name: string;
  /** Notes after the name. */
  notes: Span[];
  isFocused: boolean;
}

/** "━ 1 Events ━ gifts only ━━━━". The rule is heavy in the focused pane. */
export function titleLine({ number, name, notes, isFocused }: Title, columns: number): Line {
  const rule = isFocused ? "━" : "─";
  const style: Style = isFocused ? "accent" : "plain";
  const spans: Line = [
    { text: rule, style },
    { text: number === null ? ` ${name} ` : ` ${number} ${name} `, style: isFocused ? "strong" : "plain" },
    ...notes.flatMap((note): Line => [{ text: rule, style }, { ...note, text: ` ${note.text} ` }]),
  ];
  const used = spans.reduce((sum, { text }) => sum + textWidth(steady(text)), 0);
  return [...spans, { text: rule.repeat(Math.max(0, columns - used)), style }];
}

/** Marks the selected line with a sign, and inverts it in the focused pane. */
export function selectable(
  line: Line,
  { isSelected, isFocused }: { isSelected: boolean; isFocused: boolean },
): Line {
  if (!isSelected) return [{ text: "  " }, ...line];
  const marker: Span = { text: isFocused ? "▸ " : "› ", style: isFocused ? "selected" : "plain" };
  return [marker, ...line];
}

/** The part of a list that a pane shows: the place of its cursor, from 0 to 1, and how many lines there are. */
export interface Scrolled {
  place: number;
  count: number;
}

/**
 * The lines with a scroll bar before them, or as they are if all lines are shown. It is not at their right end, because
 * a name that the terminal draws too wide would push it into the next row.
 */
export function withScrollBar(lines: readonly Line[], { place, count }: Scrolled): Line[] {
  const rows = lines.length;
  if (count <= rows) return [...lines];
  const size = Math.max(1, Math.round(rows * rows / count));
  const top = Math.round(Math.min(1, Math.max(0, place)) * (rows - size));
  return lines.map((line, row): Line => {
    const isThumb = row >= top && row < top + size;
    return [{ text: isThumb ? "█" : "│", style: isThumb ? "accent" : "plain" }, ...line];
  });
}

/** The columns that the marker of a selected line takes. */
export const markerWidth = 2;
const gap = 2;

export interface Column<Row> {
  /** Marked for translation. */
  title: string;
  width: number;
  align?: "left" | "right";
  /** A column with a lower value stays longer as the table becomes narrower. */
  importance: number;
  cell: (row: Row, width: number) => Span;
}

/** A title may be longer in another language. */
function withRoomForTitle<Row>(column: Column<Row>): Column<Row> {
  return { ...column, width: Math.max(column.width, textWidth(translated(column.title))) };
}

/** The columns that fit, in order. The `flexible` one gets the remaining width, up to its limit. */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  width: number,
  flexible: { title: string; widest: number },
): Column<Row>[] {
  const wide = columns.map(withRoomForTitle);
  const byImportance = wide.toSorted((one, other) => one.importance - other.importance);
  const kept: Column<Row>[] = [];
  let left = width;
  for (const column of byImportance) {
    if (column.width + gap > left) break;
    kept.push(column);
    left -= column.width + gap;
  }
  return wide.filter((column) => kept.includes(column)).map((column) =>
    column.title === flexible.title
      ? { ...column, width: Math.min(flexible.widest, column.width + left) }
      : column
  );
}

export function columnTitles<Row>(columns: readonly Column<Row>[]): Line {
  const text = columns.map(({ title, width, align }) => fit(translated(title), width, align)).join(
    " ".repeat(gap),
  );
  return [{ text: " ".repeat(markerWidth) + text }];
}

export function rowLine<Row>(columns: readonly Column<Row>[], row: Row): Line {
  return columns.flatMap((column, index): Line => {
    const { text, style = "plain" } = column.cell(row, column.width);
    const last = index === columns.length - 1;
    return [{ text: fit(text, column.width, column.align), style }, { text: last ? "" : " ".repeat(gap) }];
  });
}
