/** The log pane: warnings, errors, and the services' log lines. */
import { t } from "../../../language.ts";
import type { LogLine } from "../../../control.ts";
import { formatTime } from "../format.ts";
import { windowOf } from "../list.ts";
import { layoutOf, linesOf } from "../room.ts";
import { keysOf, keyTo, type ScreenState, shownLog } from "../state.ts";
import type { Line, Span, Style } from "../theme.ts";
import { fit, steady, textWidth, wrap } from "../width.ts";
import { markerWidth, selectable, titleLine } from "./pane.ts";

const levelSigns: Record<LogLine["level"], { sign: string; style: Style }> = {
  info: { sign: "·", style: "plain" },
  warn: { sign: "▲", style: "warning" },
  error: { sign: "✗", style: "bad" },
};

const fromWidth = 12;

/** "21:04:59 ▲ dummy  text", on one line. */
export function logLine(line: LogLine): Line {
  const { sign, style } = levelSigns[line.level];
  return [
    { text: `${formatTime(line.at)} `, style: "accent" },
    { text: `${sign} `, style },
    { text: `${fit(line.from, fromWidth)} ` },
    { text: line.text.replace(/\s+/g, " "), style },
  ];
}

export function logLines(state: ScreenState): Line[] {
  const { columns, rows: paneRows } = layoutOf(state).panes.log;
  const isFocused = state.focus === "log";
  const title = { number: 4, name: t`Log`, notes: logNotes(state, paneRows === 1), isFocused };
  const shown = shownLog(state);
  if (shown.length === 0) {
    const isFiltered = state.snapshot.log.length > 0;
    const why = isFiltered
      ? t`No line matches the filter. Press ${keyTo("back", state.snapshot)} to show all.`
      : t`No warnings, no errors.`;
    return [titleLine(title, columns), [{ text: `  ${why}` }]];
  }
  const { selected } = windowOf(keysOf(state, "log"), state.logCursor, linesOf(state, "log"));
  const lines = logRows(state).map(({ index, line }) =>
    selectable(line, { isSelected: isFocused && index === selected, isFocused })
  );
  return [titleLine(title, columns), ...lines];
}

/** The rows below the title, each with the index of its line. Where the lines leave room, long ones take several rows. */
export function logRows(state: ScreenState): { index: number; line: Line }[] {
  const rows = linesOf(state, "log");
  const shown = shownLog(state);
  const { first } = windowOf(keysOf(state, "log"), state.logCursor, rows);
  const single = shown.slice(first, first + rows).map((line, place) => ({
    index: first + place,
    line: logLine(line),
  }));
  const width = layoutOf(state).panes.log.columns - markerWidth;
  const wrapped = single.length === rows ? single : single.flatMap(({ index, line }) => {
    const last = line.at(-1) as Span;
    const before = line.slice(0, -1);
    const used = before.reduce((sum, { text }) => sum + textWidth(steady(text)), 0);
    return wrap(last.text, width - used).map((text, row) => ({
      index,
      line: row === 0 ? [...before, { ...last, text }] : [{ text: " ".repeat(used) }, { ...last, text }],
    }));
  });
  return wrapped.length <= rows ? wrapped : single;
}

function logNotes(state: ScreenState, isTitleOnly: boolean): Span[] {
  const { level, text } = state.logFilter;
  const notes: Span[] = [];
  if (level === "warn") notes.push({ text: t`warnings and errors`, style: "warning" });
  if (level === "error") notes.push({ text: t`errors only`, style: "warning" });
  if (text !== "") notes.push({ text: t`with “${text}”`, style: "warning" });
  if (state.logCursor.key !== null) {
    notes.push({
      text: t`scrolled back, ${keyTo("bottom", state.snapshot)} to follow`,
      style: "warning",
    });
  }
  const last = state.snapshot.log.at(-1);
  if (isTitleOnly && last !== undefined) {
    const { sign, style } = levelSigns[last.level];
    notes.push({ text: `${sign} ${last.text.replace(/\s+/g, " ")}`, style });
  }
  return notes;
}
