/** The log below the rooms, and in place of them. */
import { msg, t, translated } from "../../../../language.ts";
import type { Line, Span } from "../../theme.ts";
import { logLine } from "../../view/log.ts";
import { titleLine } from "../../view/pane.ts";
import { steady, textWidth, wrap } from "../../width.ts";
import { layOut } from "../layout.ts";
import { type RoomsState, shownLog } from "../state.ts";

/** Marked for translation. */
const levelNames = { info: "", warn: msg("warnings and errors"), error: msg("errors only") } as const;

export function logNotes({ logLevel }: RoomsState): Span[] {
  const name = levelNames[logLevel];
  return name === "" ? [] : [{ text: translated(name), style: "warning" }];
}

/** The latest lines, under a title. */
export function logPane(state: RoomsState): Line[] {
  const { log: rows } = layOut(state);
  if (rows === 0) return [];
  const title = titleLine(
    { number: null, name: t`Log`, notes: logNotes(state), isFocused: false },
    state.size.columns,
  );
  const lines = shownLog(state).slice(-(rows - 1)).map((line): Line => [{ text: "  " }, ...logLine(line)]);
  return [title, ...lines.length > 0 ? lines : [none()]];
}

const none = (): Line => [{ text: `  ${t`No warnings, no errors.`}` }];

/** All lines, each on as many rows as it needs. */
export function wholeLog(state: RoomsState): Line[] {
  const lines = shownLog(state).flatMap((entry) => {
    const line: Line = [{ text: "  " }, ...logLine(entry)];
    const last = line.at(-1) as Span;
    const before = line.slice(0, -1);
    const used = before.reduce((sum, { text }) => sum + textWidth(steady(text)), 0);
    return wrap(last.text, Math.max(20, state.size.columns - used)).map((text, row): Line =>
      row === 0 ? [...before, { ...last, text }] : [{ text: " ".repeat(used) }, { ...last, text }]
    );
  });
  return lines.length > 0 ? lines : [none()];
}
