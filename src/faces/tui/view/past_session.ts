/** A past session that is shown: the header that says so, and what services did. */
import { counted, noun, t } from "../../../language.ts";
import type { ServiceWork } from "../../../session_report.ts";
import { formatCount, formatMoment } from "../format.ts";
import { layoutOf, linesOf } from "../room.ts";
import { keyTo, type ScreenState, type ShownSession } from "../state.ts";
import type { Line, Span } from "../theme.ts";
import {
  type Column,
  columnTitles,
  fitColumns,
  markerWidth,
  rowLine,
  selectable,
  titleLine,
} from "./pane.ts";
import { lengthOf, streamerOf } from "./sessions.ts";

const nouns = {
  events: noun("event"),
  diamonds: noun("diamond"),
  gifts: noun("gift"),
  viewers: noun("viewer"),
};

/** Which session it is and how to come back, and below it its numbers with what the live does, which is `live`. */
export function pastHeader(state: ScreenState, past: ShownSession, live: Line): Line[] {
  const { session, sums } = past;
  const key = keyTo("back", state.snapshot);
  return [
    [
      { text: ` ${t`Past session ${session.id}`}  `, style: "strong" },
      { text: streamerOf(session), style: "accent" },
      { text: `  ${formatMoment(session.startedAt)}, ${lengthOf(session)}  ` },
      { text: t`${key}: back to the live`, style: "warning" },
    ],
    [{ text: ` ${sums === null ? "…" : sumsText(sums)}  ` }, ...live],
  ];
}

function sumsText({ events, diamonds, gifts, viewers }: NonNullable<ShownSession["sums"]>): string {
  const texts = [
    counted(events, nouns.events),
    counted(gifts, nouns.gifts),
    counted(diamonds, nouns.diamonds),
  ];
  if (viewers !== null) texts.push(t`at most ${counted(viewers, nouns.viewers)}`);
  return texts.join("  ");
}

function countColumn(
  title: string,
  importance: number,
  cell: (work: ServiceWork) => Span,
): Column<ServiceWork> {
  return { title, width: 11, importance, align: "right", cell };
}

const discardedOf = ({ discarded }: ServiceWork) =>
  Object.values(discarded).reduce((sum, count) => sum + count, 0);

function workColumns(): Column<ServiceWork>[] {
  return [
    { title: t`service`, width: 16, importance: 0, cell: ({ slug }) => ({ text: slug }) },
    countColumn(t`done`, 1, ({ completed }) => ({ text: formatCount(completed) })),
    countColumn(t`failed`, 2, ({ failed }) => ({
      text: failed > 0 ? `✗ ${formatCount(failed)}` : "0",
      style: failed > 0 ? "bad" : "plain",
    })),
    countColumn(t`discarded`, 3, (work) => ({
      text: formatCount(discardedOf(work)),
      style: discardedOf(work) > 0 ? "warning" : "plain",
    })),
    countColumn(t`unfinished`, 4, ({ open }) => ({ text: formatCount(open) })),
  ];
}

/** The services pane of a past session. */
export function workLines(state: ScreenState, { work }: ShownSession): Line[] {
  const { columns: width } = layoutOf(state).panes.services;
  const isFocused = state.focus === "services";
  const notes: Span[] = [{ text: t`what they did in this session` }];
  const title = titleLine({ number: 2, name: t`Services`, notes, isFocused }, width);
  if (work === null) return [title, [{ text: `  ${t`Loading …`}` }]];
  if (work.length === 0) return [title, [{ text: `  ${t`No service received its events.`}` }]];
  const columns = fitColumns(workColumns(), width - markerWidth, { title: t`service`, widest: 40 });
  const selected = Math.max(0, work.findIndex(({ slug }) => slug === state.serviceSlug));
  const rows = linesOf(state, "services");
  const first = Math.max(0, selected - rows + 1);
  const lines = work.slice(first, first + rows).map((service, index) =>
    selectable(rowLine(columns, service), { isSelected: first + index === selected, isFocused })
  );
  return [title, columnTitles(columns), ...lines];
}
