/**
 * The position and size of each pane for a terminal size. The most important panes come first; a pane that does not fit
 * shrinks to its title.
 */
import type { Pane } from "../../screen_keys.ts";
export { type Pane, panes } from "../../screen_keys.ts";

/** The panes that share the lowest place, one at a time. */
export const lowPanes = ["log", "shown", "channels", "gifts", "sessions"] as const;
export type LowPane = typeof lowPanes[number];

export function isLowPane(pane: Pane): pane is LowPane {
  return (lowPanes as readonly Pane[]).includes(pane);
}

export interface Size {
  columns: number;
  rows: number;
}

/** In a smaller terminal the screen only says that it is too small. */
export const smallest: Size = { columns: 80, rows: 24 };

/** `rows` includes the title: 1 is the title alone, 0 is hidden. */
export interface PaneRoom {
  columns: number;
  rows: number;
}

export interface Layout {
  headerRows: number;
  footerRows: number;
  panes: Record<Pane, PaneRoom>;
  /** Services and workers are next to the events, not below them. */
  isWide: boolean;
}

export interface LayoutNeeds {
  size: Size;
  focus: Pane;
  isZoomed: boolean;
  /** A past session is shown, which has no workers. */
  isPast: boolean;
  lowest: LowPane;
  serviceCount: number;
  /** The rows of the services' table: more than services where one tells of its trouble. */
  serviceRows: number;
  /** Includes the banners below the sources: a mistake in the config, and the parts that a stop waits for. */
  headerRows: number;
  footerRows: number;
}

const fewestEventRows = 6;
const fewestEventColumns = 64;
/** The width at which the services show all their columns, and their curves. */
const widestTable = 136;
/** The title and the column headings. */
const tableHead = 2;

export function isTooSmall(size: Size): boolean {
  return size.columns < smallest.columns || size.rows < smallest.rows;
}

const none: PaneRoom = { columns: 0, rows: 0 };
const noLowPanes = { log: none, shown: none, channels: none, gifts: none, sessions: none };

/** Lines for sources below the header's first line; 0 for one source, which the first two lines describe. */
export function sourceRows(sourceCount: number, { rows }: Size): number {
  if (sourceCount < 2) return 0;
  return Math.min(sourceCount, rows < 32 ? 3 : rows < 50 ? 6 : 12);
}

export function layOut(needs: LayoutNeeds): Layout {
  const { headerRows, footerRows } = needs;
  const body = Math.max(0, needs.size.rows - headerRows - footerRows);
  const { columns } = needs.size;
  const isWide = !needs.isZoomed && !needs.isPast && columns >= 150 && body >= 24;
  const panes = needs.isZoomed
    ? { events: none, services: none, workers: none, ...noLowPanes }
    : isWide
    ? layOutWide(needs, body)
    : layOutStacked(needs, body);
  if (needs.isZoomed) panes[needs.focus] = { columns, rows: body };
  return { headerRows, footerRows, panes, isWide };
}

/** The events have the whole height at the right; everything else is at the left, where the lowest pane gets the rest. */
function layOutWide({ size, lowest, serviceCount, serviceRows }: LayoutNeeds, body: number): Layout["panes"] {
  const forTables = body - Math.max(6, Math.floor(body * 0.3));
  const services = Math.min(tableHead + Math.max(1, serviceRows), Math.ceil(forTables * 0.6));
  const workers = Math.min(tableHead + Math.max(1, serviceCount), forTables - services);
  const left = Math.min(widestTable, size.columns - fewestEventColumns);
  return {
    // Events are rightmost, so that a name that a terminal draws too wide shifts nothing next to it.
    events: { columns: size.columns - left - 1, rows: body },
    services: { columns: left, rows: services },
    workers: { columns: left, rows: workers },
    ...noLowPanes,
    [lowest]: { columns: left, rows: body - services - workers },
  };
}

function layOutStacked(
  { size, focus, isPast, lowest, serviceCount, serviceRows }: LayoutNeeds,
  body: number,
): Layout["panes"] {
  const table = tableHead + Math.max(1, serviceCount);
  const isTall = body >= 32;
  const rows = {
    services: Math.min(
      tableHead + Math.max(1, serviceRows),
      Math.floor(body * (focus === "services" ? 0.5 : 0.35)),
    ),
    workers: isPast
      ? 0
      : focus === "workers"
      ? Math.min(table, Math.floor(body * 0.4))
      : isTall
      ? Math.min(table, 8)
      : 1,
    low: focus === lowest
      ? Math.max(6, Math.floor(body * 0.4))
      : isTall
      ? Math.max(6, Math.floor(body * 0.2))
      : 4,
  };
  const eventRows = () => body - rows.services - rows.workers - rows.low;
  if (eventRows() < fewestEventRows && focus !== lowest) rows.low = 1;
  if (eventRows() < fewestEventRows) {
    rows.services = Math.max(3, rows.services - (fewestEventRows - eventRows()));
  }
  const events = Math.max(0, eventRows());
  const { columns } = size;
  return {
    events: { columns, rows: events },
    services: { columns, rows: rows.services },
    workers: { columns, rows: rows.workers },
    ...noLowPanes,
    [lowest]: { columns, rows: rows.low },
  };
}
