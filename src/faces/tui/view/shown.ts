/** The services' own panes: plain lines, each with a label, a value and, if it has a part, a bar. */
import { t } from "../../../language.ts";
import type { PaneLine } from "../../../pane.ts";
import { windowOf } from "../list.ts";
import { layoutOf, linesOf } from "../room.ts";
import { keysOf, type ScreenState, shownCursor, shownRows } from "../state.ts";
import { bar, type Line } from "../theme.ts";
import { fit, steady, textWidth } from "../width.ts";
import { selectable, titleLine } from "./pane.ts";

const barWidth = 12;
const widestLabel = 28;

/** The common width of the labels, so that the values are aligned. */
export function labelWidthOf(lines: readonly PaneLine[]): number {
  return Math.min(widestLabel, Math.max(0, ...lines.map(({ label }) => textWidth(steady(label)))));
}

export function paneLine({ label, value = "", part }: PaneLine, labelWidth: number): Line {
  const shown = value.replace(/\s+/g, " ");
  return [
    { text: `${fit(label, labelWidth)}  `, style: "accent" },
    { text: part === undefined ? "" : `${bar(part, barWidth)} `, style: "good" },
    { text: shown },
  ];
}

export function shownLines(state: ScreenState): Line[] {
  const { columns } = layoutOf(state).panes.shown;
  const isFocused = state.focus === "shown";
  const title = titleLine({ number: 5, name: t`Shown`, notes: [], isFocused }, columns);
  const all = shownRows(state);
  if (all.length === 0) return [title, [{ text: `  ${t`No service has a pane of its own.`}` }]];
  const rows = linesOf(state, "shown");
  const { first, selected } = windowOf(keysOf(state, "shown"), shownCursor(state), rows);
  const width = labelWidthOf(all.flatMap(({ line }) => line ?? []));
  const lines = all.slice(first, first + rows).map((row, index) => {
    const line: Line = row.line === null
      ? [{ text: `${nameOf(state, row.slug)}: ${row.title}`, style: "strong" }]
      : [{ text: "  " }, ...paneLine(row.line, width)];
    return selectable(line, { isSelected: isFocused && first + index === selected, isFocused });
  });
  return [title, ...lines];
}

function nameOf({ snapshot }: ScreenState, slug: string): string {
  return snapshot.services.find((service) => service.slug === slug)?.name ?? slug;
}
