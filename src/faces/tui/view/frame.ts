/** One frame: a text for each row of the window, none wider than the window. */
import { t } from "../../../language.ts";
import { isTooSmall, type Pane, smallest } from "../layout.ts";
import { layoutOf } from "../room.ts";
import { keyTo, lowestOf, type ScreenState, themeOf, topView } from "../state.ts";
import { type Theme, themes } from "../palettes.ts";
import { type Line, paintLine } from "../theme.ts";
import { channelsLines } from "./channels.ts";
import { detailView } from "./detail.ts";
import { eventsLines } from "./events.ts";
import { footerLines } from "./footer.ts";
import { giftsLines } from "./gifts.ts";
import { headerLines } from "./header.ts";
import { logLines } from "./log.ts";
import { workLines } from "./past_session.ts";
import { sessionsLines } from "./sessions.ts";
import { servicesLines, workersLines } from "./services.ts";
import { shownLines } from "./shown.ts";

export function frameRows(state: ScreenState, isColored: boolean): string[] {
  const { columns, rows } = state.size;
  const theme = isColored ? themes[themeOf(state)] : null;
  const paint = (line: Line) => paintLine(line, columns, theme);
  const empty = paint([]);
  const fill = (rows: readonly string[], count: number) =>
    Array.from({ length: Math.max(0, count) }, (_, index) => rows[index] ?? empty);
  if (isTooSmall(state.size)) return fill(tooSmall(state).map(paint), rows);
  const header = headerLines(state).map(paint);
  const footer = footerLines(state).map(paint);
  const body = topView(state).kind === "main" ? paneRows(state, theme) : detailView(state).map(paint);
  return fill([...header, ...fill(body, rows - header.length - footer.length), ...footer], rows);
}

const linesOfPane: Record<Pane, (state: ScreenState) => Line[]> = {
  events: eventsLines,
  services: (state) => state.past === null ? servicesLines(state) : workLines(state, state.past),
  workers: workersLines,
  log: logLines,
  shown: shownLines,
  channels: channelsLines,
  gifts: giftsLines,
  sessions: sessionsLines,
};

function paneRows(state: ScreenState, theme: Theme | null): string[] {
  const { isWide, panes } = layoutOf(state);
  const rowsOf = (name: Pane, isFilled = false): string[] => {
    const { columns, rows } = panes[name];
    if (rows === 0) return [];
    const lines = linesOfPane[name](state).slice(0, rows);
    const blank: Line[] = Array.from({ length: rows - lines.length }, () => []);
    return [...lines, ...blank].map((line) => paintLine(line, columns, theme, { isFilled }));
  };
  if (state.isZoomed) return rowsOf(state.focus);
  const lowest = lowestOf(state);
  if (!isWide) {
    return [...rowsOf("events"), ...rowsOf("services"), ...rowsOf("workers"), ...rowsOf(lowest)];
  }
  const right = rowsOf("events");
  const left = [...rowsOf("services", true), ...rowsOf("workers", true), ...rowsOf(lowest, true)];
  const gap = paintLine([{ text: " " }], 1, theme);
  return left.map((row, index) => `${row}${gap}${right[index] ?? ""}`);
}

function tooSmall({ size: { columns, rows }, snapshot }: ScreenState): Line[] {
  return [
    [{ text: t`This window is too small.`, style: "strong" }],
    [{ text: t`Livecue needs ${smallest.columns}×${smallest.rows}, but the window has ${columns}×${rows}.` }],
    [{ text: t`The live goes on. Press ${keyTo("quit", snapshot)} to quit.` }],
  ];
}
