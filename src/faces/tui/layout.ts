/** Where each pane lies, for a size of the terminal. Essentials first: what does not fit shrinks to its title. */

export const panes = ["events", "services", "workers", "log"] as const;
export type Pane = typeof panes[number];

export interface Size {
  columns: number;
  rows: number;
}

/** Below it the screen only says so. */
export const smallest: Size = { columns: 80, rows: 24 };

/** `rows` with the title's; 1 is the title alone, 0 is not shown. */
export interface PaneRoom {
  columns: number;
  rows: number;
}

export interface Layout {
  headerRows: number;
  panes: Record<Pane, PaneRoom>;
  /** Services and workers stand beside the events, not below. */
  isWide: boolean;
}

export interface LayoutNeeds {
  size: Size;
  focus: Pane;
  isZoomed: boolean;
  serviceCount: number;
  /** A config's mistake, and what a stop waits for, stand below the header. */
  bannerRows: number;
}

/** The line of the status and that of the keys. */
export const footerRows = 2;
const headerLines = 2;
const fewestEventRows = 6;
const fewestEventColumns = 64;
/** With it the services show all their columns. */
const widestTable = 144;
/** The title and the names of the columns. */
const tableHead = 2;

export function isTooSmall(size: Size): boolean {
  return size.columns < smallest.columns || size.rows < smallest.rows;
}

export function layOut(needs: LayoutNeeds): Layout {
  const headerRows = headerLines + needs.bannerRows;
  const body = Math.max(0, needs.size.rows - headerRows - footerRows);
  const { columns } = needs.size;
  if (needs.isZoomed) {
    const none = { columns: 0, rows: 0 };
    const panes = { events: none, services: none, workers: none, log: none };
    return { headerRows, panes: { ...panes, [needs.focus]: { columns, rows: body } }, isWide: false };
  }
  return columns >= 150 && body >= 24
    ? layOutWide(needs, headerRows, body)
    : layOutStacked(needs, headerRows, body);
}

function layOutWide({ size, focus, serviceCount }: LayoutNeeds, headerRows: number, body: number): Layout {
  const log = Math.max(4, Math.floor(body * (focus === "log" ? 0.4 : 0.2)));
  const upper = body - log;
  const workers = Math.min(tableHead + Math.max(1, serviceCount), Math.floor(upper / 2));
  const left = Math.min(widestTable, size.columns - fewestEventColumns);
  return {
    headerRows,
    isWide: true,
    panes: {
      // Events stand rightmost: a name that a terminal draws wider than it should moves nothing beside it.
      events: { columns: size.columns - left - 1, rows: upper },
      services: { columns: left, rows: upper - workers },
      workers: { columns: left, rows: workers },
      log: { columns: size.columns, rows: log },
    },
  };
}

function layOutStacked({ size, focus, serviceCount }: LayoutNeeds, headerRows: number, body: number): Layout {
  const table = tableHead + Math.max(1, serviceCount);
  const isTall = body >= 32;
  const rows = {
    services: Math.min(table, Math.floor(body * (focus === "services" ? 0.5 : 0.35))),
    workers: focus === "workers" ? Math.min(table, Math.floor(body * 0.4)) : isTall ? Math.min(table, 8) : 1,
    log: focus === "log"
      ? Math.max(6, Math.floor(body * 0.4))
      : isTall
      ? Math.max(6, Math.floor(body * 0.2))
      : 4,
  };
  const eventRows = () => body - rows.services - rows.workers - rows.log;
  if (eventRows() < fewestEventRows && focus !== "log") rows.log = 1;
  if (eventRows() < fewestEventRows) {
    rows.services = Math.max(3, rows.services - (fewestEventRows - eventRows()));
  }
  const events = Math.max(0, eventRows());
  const { columns } = size;
  return {
    headerRows,
    isWide: false,
    panes: {
      events: { columns, rows: events },
      services: { columns, rows: rows.services },
      workers: { columns, rows: rows.workers },
      log: { columns, rows: rows.log },
    },
  };
}
