/** The pane of past sessions, with a row per session. */
import { sourceLabel } from "../../../describe.ts";
import { formatNumber, t } from "../../../language.ts";
import type { PastSession, SessionSums } from "../../../session_view.ts";
import { formatCount, formatDuration, formatMoment } from "../format.ts";
import { layoutOf } from "../room.ts";
import { sessionRows } from "../sessions_pane.ts";
import type { ScreenState } from "../state.ts";
import type { Line, Span } from "../theme.ts";
import {
  type Column,
  columnTitles,
  fitColumns,
  markerWidth,
  rowLine,
  selectable,
  titleLine,
  withScrollBar,
} from "./pane.ts";

interface Row {
  session: PastSession;
  /** null while they are read. */
  sums: SessionSums | null;
}

/** "2:10:03"; "-" if its end is unknown. */
export function lengthOf({ startedAt, endedAt }: PastSession): string {
  return endedAt === null ? "-" : formatDuration(endedAt - startedAt);
}

export function streamerOf({ username, source }: PastSession): string {
  return username === "" ? sourceLabel(source) : `@${username}`;
}

function countColumn(title: string, importance: number, what: keyof SessionSums): Column<Row> {
  return {
    title,
    width: 8,
    importance,
    align: "right",
    cell: ({ sums }) => {
      const count = sums?.[what];
      return { text: count === undefined ? "…" : count === null ? "-" : formatCount(count) };
    },
  };
}

/** The titles are translated when they are shown. */
function sessionColumns(): Column<Row>[] {
  return [
    {
      title: t`started`,
      width: 16,
      importance: 0,
      cell: ({ session }) => ({
        text: formatMoment(session.startedAt),
        style: "accent",
      }),
    },
    {
      title: t`length`,
      width: 8,
      importance: 1,
      align: "right",
      cell: ({ session }) => ({ text: lengthOf(session) }),
    },
    {
      title: t`streamer`,
      width: 12,
      importance: 2,
      cell: ({ session }) => ({
        text: streamerOf(session),
        style: "strong",
      }),
    },
    countColumn(t`events`, 3, "events"),
    countColumn(t`diamonds`, 4, "diamonds"),
    countColumn(t`viewers`, 5, "viewers"),
    countColumn(t`gifts`, 6, "gifts"),
    {
      title: t`session`,
      width: 7,
      importance: 8,
      align: "right",
      cell: ({ session }) => ({ text: String(session.id) }),
    },
    { title: t`name`, width: 16, importance: 7, cell: ({ session }) => ({ text: session.name ?? "-" }) },
  ];
}

export function sessionsLines(state: ScreenState): Line[] {
  const { columns: width } = layoutOf(state).panes.sessions;
  const { count, selected, first, lines, linesFrom, sums } = state.sessions;
  const isFocused = state.focus === "sessions";
  const notes: Span[] = count === null || count === 0
    ? []
    : [{ text: t`${formatNumber(Math.min(count, selected + 1))} of ${formatNumber(count)}` }];
  const title = titleLine({ number: 8, name: t`Past sessions`, notes, isFocused }, width);
  if (count === 0) return [title, [{ text: `  ${t`No session has ended yet.`}` }]];
  const columns = fitColumns(sessionColumns(), width - markerWidth + 1, { title: t`streamer`, widest: 40 });
  const rows = Math.min(sessionRows(state), (count ?? 0) - first);
  const shown = Array.from({ length: Math.max(0, rows) }, (_, row): Line => {
    const session = lines[first + row - linesFrom];
    const cells = session === undefined
      ? [{ text: "…" }]
      : rowLine(columns, { session, sums: sums.get(session.id) ?? null });
    return selectable(cells, { isSelected: first + row === selected, isFocused });
  });
  const place = selected / Math.max(1, (count ?? 0) - 1);
  const titles = columnTitles(columns);
  const withBar = withScrollBar(shown, { place, count: count ?? 0 });
  return [
    title,
    withBar.length > 0 && withBar[0] !== shown[0] ? [{ text: " " }, ...titles] : titles,
    ...withBar,
  ];
}
