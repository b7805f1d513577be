/** The channels pane, with a row per channel, and the open channel with its chart. */
import { msg, t, translated } from "../../../language.ts";
import type { Snapshot } from "../../../control.ts";
import type { ChannelLine, ChartMark, ChartSpan } from "../../../channel_view.ts";
import { agedLine, type ChannelView } from "../channel_list.ts";
import { channelRows } from "../channels_pane.ts";
import { formatMilliseconds, formatTime } from "../format.ts";
import { layoutOf } from "../room.ts";
import { keyTo, type ScreenState } from "../state.ts";
import type { Line, Span, Style } from "../theme.ts";
import { chartLines, type ChartRoom } from "./chart.ts";
import { dayLabel } from "./time_axis.ts";
import {
  type Column,
  columnTitles,
  fitColumns,
  markerWidth,
  rowLine,
  selectable,
  titleLine,
} from "./pane.ts";

const signals: Record<ChannelLine["signal"], { sign: string; word: string; style: Style }> = {
  live: { sign: "●", word: msg("live"), style: "good" },
  quiet: { sign: "○", word: msg("quiet"), style: "warning" },
  lost: { sign: "✗", word: msg("lost"), style: "bad" },
};

/** At most six digits: "41.5", "-1.25e+300". */
export function formatValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}

const curveColumn = msg("last hour");

const channelColumns: readonly Column<ChannelLine>[] = [
  { title: msg("channel"), width: 20, importance: 0, cell: ({ name }) => ({ text: name }) },
  {
    title: msg("value"),
    width: 13,
    importance: 1,
    align: "right",
    cell: ({ newest }) => ({ text: newest === null ? "-" : formatValue(newest.value), style: "strong" }),
  },
  { title: msg("unit"), width: 6, importance: 2, cell: ({ unit }) => ({ text: unit }) },
  {
    title: msg("age"),
    width: 6,
    importance: 3,
    align: "right",
    cell: ({ ageMs }) => ({ text: formatMilliseconds(ageMs) }),
  },
  {
    title: msg("signal"),
    width: 7,
    importance: 4,
    cell: ({ signal }) => ({
      text: `${signals[signal].sign} ${translated(signals[signal].word)}`,
      style: signals[signal].style,
    }),
  },
  {
    title: curveColumn,
    width: 12,
    importance: 5,
    cell: ({ hour }, width) => ({ text: trend(hour, width), style: "accent" }),
  },
  { title: msg("source"), width: 12, importance: 6, cell: ({ source }) => ({ text: source }) },
];

export function channelsLines(state: ScreenState): Line[] {
  const { columns: width } = layoutOf(state).panes.channels;
  const { text, count, selected, first, lines, linesFrom, askedMs } = state.channels;
  const olderMs = state.snapshot.takenMs - askedMs;
  const isFocused = state.focus === "channels";
  const notes: Span[] = [];
  if (count !== null) notes.push({ text: `${Math.min(count, selected + 1)} of ${count}` });
  if (text !== "") notes.push({ text: t`with “${text}”`, style: "warning" });
  const title = titleLine({ number: 6, name: t`Channels`, notes, isFocused }, width);
  if (count === 0) return [title, [{ text: `  ${whyNone(text, state.snapshot)}` }]];
  const columns = fitColumns(channelColumns, width - markerWidth + 2, { title: curveColumn, widest: 60 });
  const rows = Math.min(channelRows(state), (count ?? 0) - first);
  const shown = Array.from({ length: Math.max(0, rows) }, (_, row): Line => {
    const line = lines[first + row - linesFrom];
    const cells = line === undefined ? [{ text: "…" }] : rowLine(columns, agedLine(line, olderMs));
    return selectable(cells, { isSelected: first + row === selected, isFocused });
  });
  return [title, columnTitles(columns), ...shown];
}

function whyNone(text: string, snapshot: Snapshot): string {
  if (text === "") return t`No readings have come yet.`;
  return t`No channel matches the filter. Press ${keyTo("back", snapshot)} to show all.`;
}

const steps = "▁▂▃▄▅▆▇█";

/** Values between their lowest and highest one, in at most `width` columns. A gap is blank. */
export function trend(values: readonly (number | null)[], width: number): string {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const part = values.slice(
      Math.floor(column * values.length / columns),
      Math.floor((column + 1) * values.length / columns),
    ).filter((value) => value !== null);
    return part.length === 0 ? null : part.reduce((sum, value) => sum + value / part.length, 0);
  });
  const known = means.filter((mean) => mean !== null);
  const low = Math.min(...known);
  const half = Math.max(...known) / 2 - low / 2;
  return means.map((mean) => {
    if (mean === null) return " ";
    const part = half === 0 ? 0.5 : (mean / 2 - low / 2) / half;
    return steps[Math.round(part * (steps.length - 1))];
  }).join("");
}

const spanNames: readonly ChartSpan[] = ["hour", "day", "week"];
/** The latest marks that are explained below the chart. */
const maxExplained = 3;

/** The lines of the open channel, which fill `rows`. */
export function channelLines({ line, span, detail }: ChannelView, { columns, rows }: ChartRoom): Line[] {
  const facts = factLine(line, span);
  if (detail === null) return [facts, [{ text: ` ${t`Loading …`}` }]];
  if (detail.points.length === 0) return [facts, [{ text: ` ${whyNoChart(line)}`, style: "warning" }]];
  const marks = detail.marks.slice(-maxExplained).map((mark) => markLine(mark, span));
  const { from, to, points } = detail;
  const chart = { from, to, points, marks: detail.marks.map(({ at }) => at) };
  return [facts, ...chartLines(chart, { columns, rows: rows - 1 - marks.length }), ...marks];
}

function whyNoChart({ newest }: ChannelLine): string {
  return newest === null
    ? t`The readings of this channel were deleted, because they are too old.`
    : t`There is nothing to draw.`;
}

function factLine({ source, item, unit, newest, ageMs, signal }: ChannelLine, span: ChartSpan): Line {
  const { sign, word, style } = signals[signal];
  const value = newest === null ? "-" : `${formatValue(newest.value)} ${unit}`.trimEnd();
  return [
    { text: ` ${value}  `, style: "strong" },
    { text: ageMs === null ? "" : `${t`${formatMilliseconds(ageMs)} ago`}  ` },
    { text: `${sign} ${translated(word)}  `, style },
    ...spanNames.map((name): Span =>
      name === span ? { text: `[${translated(name)}] `, style: "accent" } : { text: `${translated(name)} ` }
    ),
    { text: ` ${source}/${item}` },
  ];
}

function markLine({ at, name, text, confidence }: ChartMark, span: ChartSpan): Line {
  const sure = confidence === null ? "" : t`, ${Math.round(confidence * 100)} % sure`;
  const day = span === "hour" ? "" : `${dayLabel(at)} `;
  return [
    { text: ` ▼ ${day}${formatTime(at)} `, style: "warning" },
    { text: `${name}${sure}: ${text}` },
  ];
}
