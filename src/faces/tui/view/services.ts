/** The services pane and the workers pane, with a row per service. */
import { msg, t, translated } from "../../../language.ts";
import { failureText } from "../../../failure.ts";
import type { Percentiles, ServiceView } from "../../../control.ts";
import {
  formatCount,
  formatDuration,
  formatMilliseconds,
  formatPart,
  formatRate,
  formatUntil,
} from "../format.ts";
import { layoutOf, linesOf } from "../room.ts";
import { keyTo, type ScreenState, selectedService } from "../state.ts";
import { isTroubled, troubleOf } from "../troubles.ts";
import { bar, fillStyle, type Line, phaseSigns, type Span, sparkline } from "../theme.ts";
import {
  type Column,
  columnTitles,
  fitColumns,
  markerWidth,
  rowLine,
  selectable,
  titleLine,
} from "./pane.ts";

const queueBarWidth = 6;
const curveWidth = 12;

/** "3ms/1.2s". */
export function formatPercentiles({ p50, p95 }: Percentiles): string {
  return p50 === null ? "-" : `${formatMilliseconds(p50)}/${formatMilliseconds(p95)}`.replaceAll(" ", "");
}

const stateColumn: Column<ServiceView> = {
  title: msg("state"),
  width: 15,
  importance: 1,
  cell: (service) => {
    const { sign, style, word } = phaseSigns[service.phase];
    // A service that runs, and yet does not do all of its work.
    if (service.phase === "running" && isTroubled(service)) {
      return { text: `! ${translated(word)}`, style: "bad" };
    }
    return { text: `${sign} ${translated(word)}`, style };
  },
};

const nameColumn: Column<ServiceView> = {
  title: msg("service"),
  width: 13,
  importance: 0,
  cell: ({ name, runsOn }) => ({ text: runsOn === null ? name : t`${name} on ${runsOn}` }),
};

function countColumn(
  title: string,
  importance: number,
  cell: (service: ServiceView) => Span,
  width = 7,
): Column<ServiceView> {
  return { title, width, importance, align: "right", cell };
}

const serviceColumns: readonly Column<ServiceView>[] = [
  nameColumn,
  stateColumn,
  {
    title: msg("queue"),
    width: queueBarWidth + 10,
    importance: 2,
    cell: ({ pending, maxQueueSize }) => {
      const part = pending / Math.max(1, maxQueueSize);
      const text = `${bar(part, queueBarWidth)} ${formatCount(pending)}/${shortCount(maxQueueSize)}`;
      return { text, style: fillStyle(part) };
    },
  },
  countColumn(msg("at work"), 6, ({ inFlight }) => ({ text: formatCount(inFlight) })),
  countColumn(msg("rate"), 5, ({ rate }) => ({ text: formatRate(rate) })),
  countColumn(msg("done"), 3, ({ completed }) => ({ text: formatCount(completed) }), 6),
  countColumn(msg("failed"), 4, ({ failed }) => ({
    text: failed > 0 ? `✗ ${shortCount(failed)}` : "0",
    style: failed > 0 ? "bad" : "plain",
  }), 6),
  countColumn(msg("discarded"), 4.5, ({ discarded }) => ({
    text: formatCount(discarded),
    style: discarded > 0 ? "warning" : "plain",
  }), 9),
  countColumn(msg("run p50/p95"), 7, ({ run }) => ({ text: formatPercentiles(run) }), 11),
  countColumn(msg("wait p50/p95"), 8, ({ wait }) => ({ text: formatPercentiles(wait) }), 12),
  {
    title: msg("recent queue"),
    width: curveWidth,
    importance: 9,
    cell: ({ depths, maxQueueSize }, width) => ({
      text: sparkline(depths, width, Math.max(1, Math.min(maxQueueSize, Math.max(...depths)))),
      style: "accent",
    }),
  },
];

/** Like `formatCount`, but at most four characters for the size of a queue: "500", "5k", "1.2M". */
function shortCount(count: number): string {
  return count >= 1_000 && count < 1_000_000 ? `${Math.round(count / 1_000)}k` : formatCount(count);
}

const workerColumns: readonly Column<ServiceView>[] = [
  nameColumn,
  stateColumn,
  {
    title: msg("busy"),
    width: 11,
    importance: 2,
    cell: ({ busy }) => ({ text: `${bar(busy, 6)} ${formatPart(busy)}` }),
  },
  countColumn(msg("restarts"), 3, ({ restarts }) => ({
    text: formatCount(restarts),
    style: restarts > 0 ? "warning" : "plain",
  }), 8),
  countColumn(msg("up"), 2.5, ({ upMs }) => ({ text: upMs === null ? "-" : formatDuration(upMs) }), 8),
  countColumn(msg("heartbeat"), 4, ({ heartbeatMs }) => ({
    text: heartbeatMs === null ? "-" : t`${formatMilliseconds(heartbeatMs)} ago`,
  }), 10),
  countColumn(msg("memory"), 4.5, ({ memoryBytes }) => ({
    text: memoryBytes === null ? "-" : `${(memoryBytes / 2 ** 20).toFixed(1)} MB`,
  }), 9),
  {
    title: msg("note"),
    width: 4,
    importance: 5,
    cell: ({ failure, inMs }) => {
      const restart = inMs === null ? "" : `${t`restart ${formatUntil(inMs)}`}. `;
      const why = failure === null ? "" : failureText(failure);
      return { text: (restart + why).replace(/\s+/g, " ") };
    },
  },
];

export function servicesLines(state: ScreenState): Line[] {
  const { columns: width } = layoutOf(state).panes.services;
  const { services } = state.snapshot;
  const columns = fitColumns(serviceColumns, width - markerWidth + 2, { title: "service", widest: 24 });
  const title = {
    number: 2,
    name: t`Services`,
    notes: serviceNotes(services),
    isFocused: state.focus === "services",
  };
  const isNone = services.length === 0;
  const none: Line = [{
    text: `  ${t`No services. Press ${keyTo("edit_config", state.snapshot)} and add one to config.jsonc.`}`,
    style: "warning",
  }];
  return [
    titleLine(title, width),
    ...(isNone ? [none] : [columnTitles(columns), ...rowsOf(state, "services", columns)]),
  ];
}

export function workersLines(state: ScreenState): Line[] {
  const { columns: width, rows } = layoutOf(state).panes.workers;
  const { services } = state.snapshot;
  const columns = fitColumns(workerColumns, width - markerWidth + 2, { title: "note", widest: 200 });
  const notes = rows === 1 ? workerNotes(services) : [];
  const title = { number: 3, name: t`Workers`, notes, isFocused: state.focus === "workers" };
  return [titleLine(title, width), columnTitles(columns), ...rowsOf(state, "workers", columns)];
}

function rowsOf(state: ScreenState, pane: "services" | "workers", columns: Column<ServiceView>[]): Line[] {
  return shownRows(state, pane).map(({ service, trouble }) =>
    trouble !== null ? [{ text: `    ! ${trouble}`, style: "bad" }] : selectable(rowLine(columns, service), {
      isSelected: service === selectedService(state),
      isFocused: state.focus === pane,
    })
  );
}

/** The service of each row below the column headings. */
export function serviceRows(state: ScreenState, pane: "services" | "workers"): string[] {
  return shownRows(state, pane).map(({ service }) => service.slug);
}

/** A row with what troubles the service, below its own row. */
interface Row {
  service: ServiceView;
  trouble: string | null;
}

/** The rows that fit, so that the selected service and its trouble are among them. */
function shownRows(state: ScreenState, pane: "services" | "workers"): Row[] {
  const all = state.snapshot.services.flatMap((service): Row[] => {
    const trouble = pane === "services" ? troubleOf(service, keyTo("restart", state.snapshot)) : null;
    const row: Row = { service, trouble: null };
    return trouble === null ? [row] : [row, { service, trouble }];
  });
  const rows = linesOf(state, pane);
  const selected = selectedService(state);
  const last = all.findLastIndex(({ service }) => service === selected);
  const first = Math.max(0, Math.min(last - rows + 1, all.length - rows));
  return all.slice(first, first + rows);
}

function serviceNotes(services: ServiceView[]): Span[] {
  const ill = services.filter(isTroubled).length;
  const paused = services.filter(({ phase }) => phase === "paused").length;
  const notes: Span[] = [];
  if (ill > 0) notes.push({ text: `! ${t`${ill} in trouble`}`, style: "bad" });
  if (paused > 0) notes.push({ text: `= ${t`${paused} paused`}`, style: "warning" });
  return notes;
}

function workerNotes(services: ServiceView[]): Span[] {
  const restarts = services.reduce((sum, service) => sum + service.restarts, 0);
  const up = services.filter(({ upMs }) => upMs !== null).length;
  const busiest = Math.max(0, ...services.map(({ busy }) => busy));
  return [
    { text: t`${up} of ${services.length} up` },
    { text: t`${restarts} restarts`, style: restarts > 0 ? "warning" : "plain" },
    { text: t`busiest ${formatPart(busiest)}` },
  ];
}
