/** One frame of the list of rooms: a text for each row of the window, none wider than the window. */
import { t } from "../../../../language.ts";
import { themes } from "../../palettes.ts";
import { type Line, paintLine } from "../../theme.ts";
import { foundLines } from "../../view/help.ts";
import { footerHints, helpEntries } from "../keys.ts";
import { isTooSmall, layOut, smallestList } from "../layout.ts";
import { keyTo, type RoomsState } from "../state.ts";
import { headerLines } from "./header.ts";
import { logNotes, logPane, wholeLog } from "./log.ts";
import { messageLines } from "./message.ts";
import { headingLine, tableLines, troubleLines } from "./table.ts";

export function roomsRows(state: RoomsState, isColored: boolean): string[] {
  const { columns, rows } = state.size;
  const theme = isColored ? themes[state.theme ?? state.settings.theme] : null;
  const lines = isTooSmall(state.size) ? tooSmall(state) : wholeFrame(state);
  return Array.from({ length: rows }, (_, row) => paintLine(lines[row] ?? [], columns, theme));
}

function wholeFrame(state: RoomsState): Line[] {
  const { header, body, trouble, log } = layOut(state);
  const footer = [...messageLines(state), footerHints(state).flatMap(({ line }) => line)];
  return [
    ...filled(headerLines(state), header),
    ...filled(bodyLines(state), body),
    ...filled(troubleLines(state), trouble),
    ...filled(logPane(state), log),
    ...footer,
  ];
}

function filled(lines: readonly Line[], rows: number): Line[] {
  return Array.from({ length: rows }, (_, row) => lines[row] ?? []);
}

function bodyLines(state: RoomsState): Line[] {
  if (state.view.kind === "list") return tableLines(state);
  const { first, lines } = scrolled(state);
  const shown = lines.slice(first, first + scrolledRows(state));
  const title = state.view.kind === "help"
    ? headingLine(t`All keys`, [], state.size.columns)
    : headingLine(t`Log`, logNotes(state), state.size.columns);
  return [title, ...shown];
}

/** The rows of the help or the log below its title. */
export function scrolledRows(state: RoomsState): number {
  return Math.max(1, layOut(state).body - 1);
}

/** The lines of the help or the log, the first one that is shown, and the first one that can be. */
export function scrolled(state: RoomsState): { lines: Line[]; first: number; last: number } {
  const { view, size } = state;
  const lines = view.kind === "help"
    ? foundLines({ here: helpEntries(state), others: [], text: view.text, width: size.columns })
    : wholeLog(state);
  const last = Math.max(0, lines.length - scrolledRows(state));
  const scroll = view.kind === "list" ? 0 : view.scroll ?? last;
  return { lines, first: Math.min(last, scroll), last };
}

function tooSmall(state: RoomsState): Line[] {
  const { columns, rows } = state.size;
  const { columns: leastColumns, rows: leastRows } = smallestList;
  return [
    [{ text: t`This window is too small.`, style: "strong" }],
    [{ text: t`Livecue needs ${leastColumns}×${leastRows}, but the window has ${columns}×${rows}.` }],
    [{ text: t`The lives go on. Press ${keyTo("quit", state)} to quit.` }],
  ];
}
