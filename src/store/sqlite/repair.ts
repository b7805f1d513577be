/** Copies all readable rows of a damaged database into a new, valid one. Only reads the old one. */
import { existsSync } from "node:fs";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { checkDatabase, hasTables } from "./check.ts";
import { makeNewFile } from "../new_file.ts";
import { openWithoutLog } from "./log_mark.ts";
import { databaseFile, openForReading, openForWriting } from "./open.ts";
import { readableRows, type Row } from "./readable_rows.ts";
import { brokenIf, rulesOf, type TableName, tableNames, unreadableData } from "../row_rules.ts";
import { explaining } from "./trouble.ts";

/** The outcome for the rows of one table. */
export interface TableReport {
  table: TableName;
  saved: number;
  /** How many of the saved rows had an invalid value, which was replaced. */
  fixed: number;
  /** Readable rows that were left out: a row that they need is missing, or their id is invalid. */
  dropped: number;
  /** Unreadable ranges: "rows 120 to 151", "rows from 900 on". */
  unreadable: string[];
}

export interface RepairReport {
  tables: TableReport[];
  /** Faults that `check` still finds in the new file. */
  faults: string[];
}

/**
 * Throws a `UserError` if `target` exists or cannot be written, or if nothing in the database can be read. No new
 * file is left then.
 */
export function repairDatabase(path: string, target: string): RepairReport {
  const file = databaseFile(path);
  return makeNewFile(target, (temporary) => {
    const filled = `${temporary}.filled`;
    try {
      const source = openSource(file, filled);
      try {
        return explaining(target, () => copy(source, { path, temporary }));
      } finally {
        source.close();
      }
    } finally {
      if (existsSync(filled)) Deno.removeSync(filled);
    }
  });
}

function openSource(file: string, filled: string): DatabaseSync {
  if (!isCut(file)) return openForReading(file);
  fillUp(file, filled);
  return openWithoutLog(filled);
}

function copy(source: DatabaseSync, { path, temporary }: { path: string; temporary: string }): RepairReport {
  if (!hasTables(source)) {
    throw new UserError(
      t`The list of tables in ${path} is damaged, so nothing in it can be read. Replace it with a backup.`,
    );
  }
  // Reads one snapshot, even if Livecue writes to the database at the same time.
  source.exec("BEGIN");
  const tables = copyAll(source, temporary);
  if (tables.every(({ saved }) => saved === 0)) {
    throw new UserError(t`Nothing in ${path} can be read. Replace it with a backup.`);
  }
  return { tables, faults: checkDatabase(temporary).faults };
}

/** Whether the file is shorter than its header says, as after an interrupted copy. */
function isCut(file: string): boolean {
  try {
    const { bytes, size } = headerOf(file);
    return bytes !== null && size < bytes;
  } catch {
    // Opening the file reports why it cannot be read.
    return false;
  }
}

/** Makes a copy of full length with unreadable last pages, because SQLite reads nothing of a truncated file. */
function fillUp(file: string, filled: string): void {
  try {
    const { size, bytes } = headerOf(file);
    Deno.copyFileSync(file, filled);
    const opened = Deno.openSync(filled, { append: true });
    try {
      const filling = new Uint8Array(64 * 1024).fill(0xff);
      for (let rest = (bytes ?? 0) - size; rest > 0;) rest -= opened.writeSync(filling.subarray(0, rest));
    } finally {
      opened.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      t`${file} cannot be copied (${why}). Name a file on a disk with room for two copies.`,
      {
        cause: error,
      },
    );
  }
}

/** The file's actual size, and the size according to its header (null if the header is not SQLite's). */
function headerOf(file: string): { size: number; bytes: number | null } {
  const size = Deno.statSync(file).size;
  if (size < 100) return { size, bytes: null };
  const header = readStart(file, 100);
  const isSqlite = new TextDecoder().decode(header.subarray(0, 15)) === "SQLite format 3";
  const view = new DataView(header.buffer);
  const pageSize = view.getUint16(16) === 1 ? 65_536 : view.getUint16(16);
  return { size, bytes: isSqlite ? view.getUint32(28) * pageSize : null };
}

function readStart(path: string, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const opened = Deno.openSync(path, { read: true });
  try {
    opened.readSync(bytes);
    return bytes;
  } finally {
    opened.close();
  }
}

function copyAll(source: DatabaseSync, file: string): TableReport[] {
  const target = openForWriting(file, "normal");
  try {
    // The new file keeps the id of the old one.
    target.exec("DELETE FROM config");
    const reports = tableNames.map((table) => new TableCopy(source, target, table).run());
    // Without a write-ahead log, so that the file alone is complete.
    target.prepare("PRAGMA journal_mode = DELETE").get();
    return reports;
  } finally {
    target.close();
  }
}

/** Rows per transaction. */
const rowsAtOnce = 10_000;

const numberless: readonly TableName[] = [
  "live_giver",
  "gift",
  "viewer_live",
  "viewer_name",
  "viewer_mark",
  "known_id",
];

class TableCopy {
  readonly #source: DatabaseSync;
  readonly #target: DatabaseSync;
  readonly #table: TableName;
  readonly #columns: readonly string[];
  readonly #insert: StatementSync;
  readonly #report: TableReport;

  constructor(source: DatabaseSync, target: DatabaseSync, table: TableName) {
    this.#source = source;
    this.#target = target;
    this.#table = table;
    this.#columns = Object.keys(rulesOf(table).columns);
    // A trigger made its rows from those of the viewers, with another time.
    if (table === "viewer_name") target.exec("DELETE FROM viewer_name");
    const marks = this.#columns.map(() => "?").join(", ");
    this.#insert = target.prepare(
      `INSERT OR IGNORE INTO ${table} (${this.#columns.join(", ")}) VALUES (${marks})`,
    );
    this.#report = { table, saved: 0, fixed: 0, dropped: 0, unreadable: [] };
  }

  run(): TableReport {
    this.#target.exec("BEGIN");
    let rows = 0;
    for (const row of this.#rows()) {
      this.#copy(row);
      rows += 1;
      if (rows % rowsAtOnce === 0) this.#target.exec("COMMIT; BEGIN");
    }
    this.#target.exec("COMMIT");
    return this.#report;
  }

  #rows(): Generator<Row> {
    const { columns, key } = rulesOf(this.#table);
    const parts = Object.entries(columns).map(([column, rule]) => ({
      column,
      broken: brokenIf(`"${column}"`, rule),
      instead: rule.instead ?? "NULL",
      isNeeded: rule.instead === null,
    }));
    const values = parts.map(({ column, broken, instead }) =>
      `CASE WHEN ${broken} THEN ${instead} ELSE "${column}" END AS "${column}"`
    );
    const any = (some: typeof parts) => some.map(({ broken }) => broken).join(" OR ") || "0";
    const select = `${values.join(", ")}, ${any(parts)} AS is_broken,
      ${any(parts.filter(({ isNeeded }) => isNeeded))} AS is_lost`;
    return readableRows(this.#source, {
      table: this.#table,
      select,
      key: numberless.includes(this.#table) ? key : null,
      onGap: (from, to) => this.#report.unreadable.push(gapText(from, to)),
    });
  }

  #copy(row: Row): void {
    const isUsable = row.is_lost === 0n && this.#hasAllItRefersTo(row);
    if (isUsable) makeConsistent(this.#table, row);
    if (!isUsable || !this.#write(row)) this.#report.dropped += 1;
    else {
      this.#report.saved += 1;
      if (row.is_broken === 1n) this.#report.fixed += 1;
    }
  }

  /** Sets optional references to missing rows to NULL, and creates placeholders for required ones if possible. */
  #hasAllItRefersTo(row: Row): boolean {
    const { refers, columns } = rulesOf(this.#table);
    return Object.entries(refers).every(([column, parent]) => {
      const id = row[column];
      if (id === null || id === undefined || this.#exists(parent, id)) return true;
      if (columns[column]?.isOptional) {
        row[column] = null;
        row.is_broken = 1n;
        return true;
      }
      return makeUp(this.#target, parent, { id, row });
    });
  }

  #exists(table: TableName, id: SQLInputValue): boolean {
    return this.#target.prepare(`SELECT 1 FROM ${table} WHERE id = ?`).get(id) !== undefined;
  }

  /** False if another row already has its key. */
  #write(row: Row): boolean {
    const values = this.#columns.map((column) => row[column] as SQLInputValue);
    return Number(this.#insert.run(...values).changes) > 0;
  }
}

/** Adjusts columns that depend on each other after one of them was replaced. */
function makeConsistent(table: TableName, row: Row): void {
  switch (table) {
    case "live_session":
      row.ended_at = row.status === "active" ? null : row.ended_at ?? row.started_at ?? null;
      break;
    case "live_event":
      if (row.streak_id === null || row.streak_delta === null || row.streak_ended === null) {
        row.streak_id =
          row.streak_delta =
          row.streak_ended =
          row.streak_count =
            null;
      }
      if (row.event_data === unreadableData) row.event_type = "UnknownEvent";
      break;
    case "event_queue": {
      const isLive = row.status === "pending" || row.status === "processing";
      row.finished_at = isLive ? null : row.finished_at ?? row.created_at ?? null;
      if (row.status === "discarded") row.discard_reason ??= "emptied";
      else row.discard_reason = null;
      break;
    }
    case "item_step": {
      // Without its result, a completed step has to run again.
      if (row.status === "completed" && row.is_broken === 1n && row.result === null) row.status = "waiting";
      const hasEnded = row.status === "completed" || row.status === "failed";
      row.finished_at = hasEnded ? row.finished_at ?? row.started_at ?? null : null;
      if (row.seq === 0n) row.seq = 1n;
    }
  }
}

/** Creates a placeholder for a lost row that others refer to; false if the table has no valid placeholder. */
function makeUp(
  target: DatabaseSync,
  table: TableName,
  { id, row }: { id: SQLInputValue; row: Row },
): boolean {
  const at = row.received_at ?? row.started_at ?? 0n;
  switch (table) {
    case "live":
      target.prepare(`INSERT INTO live (id, source_type, room_id, username, title, started_at)
        VALUES (?, 'lost', '', '', '', ?)`).run(id, at);
      return true;
    case "live_session":
      if (target.prepare("SELECT 1 FROM live WHERE id = ?").get(id) === undefined) {
        makeUp(target, "live", { id, row });
      }
      target.prepare(`INSERT INTO live_session
          (id, live_id, username, room_id, source, status, started_at, ended_at, end_reason)
        VALUES (?, ?, '', '', 'lost', 'aborted', ?, ?, 'Its row could not be read.')`).run(id, id, at, at);
      return true;
    case "service":
      target.prepare(`INSERT INTO service (id, slug, name, service_class, max_queue_size, is_active)
        VALUES (?, 'lost_' || ?, 'lost', '', 0, 0)`).run(id, id);
      return true;
    default:
      return false;
  }
}

function gapText(from: bigint, to: bigint | null): string {
  const first = from < 1n ? 1n : from;
  if (to === null) return from < 1n ? "some rows" : `rows from ${first} on`;
  return to === first ? `row ${first}` : `rows ${first} to ${to}`;
}
