/** Describes what is wrong with a database. Only reads, and works while Livecue runs. */
import type { DatabaseSync } from "node:sqlite";
import { t } from "../../language.ts";
import {
  type CheckReport,
  eventsOutside,
  listed,
  listedPerKind,
  messagesTwice,
  referenceFault,
  valueFault,
} from "../faults.ts";
import { findingsIn } from "./damage.ts";
import { fitsFile } from "./leftover_log.ts";
import { type Lock, lockDatabase } from "./lock.ts";
import { databaseFile, openForReading } from "./open.ts";
import { brokenIf, rulesOf, type TableName, tableNames } from "../row_rules.ts";

/** Checks the whole database. Throws a `UserError` if it is not Livecue's or cannot be opened. */
export function checkDatabase(path: string): CheckReport {
  const database = openForReading(path);
  try {
    if (!hasTables(database)) {
      const fault =
        t`The list of its tables is damaged, so nothing in it can be read. Replace it with a backup.`;
      return { faults: [fault], events: null, sessions: null };
    }
    const faults = [
      ...logFaults(databaseFile(path)),
      ...pageFaults(database),
      ...tableNames.flatMap((table) => rowFaults(database, table)),
      ...tableNames.flatMap((table) => referenceFaults(database, table)),
      ...countFaults(database),
    ];
    return { faults, events: count(database, "live_event"), sessions: count(database, "live_session") };
  } finally {
    database.close();
  }
}

/** False if the list of tables is damaged: SQLite reads it before anything else. */
export function hasTables(database: DatabaseSync): boolean {
  try {
    return database.prepare("SELECT count(*) AS count FROM live_event WHERE 0").get() !== undefined;
  } catch {
    return false;
  }
}

/** A log left by a crashed process or another database. While Livecue runs, the log is its own. */
function logFaults(file: string): string[] {
  let lock: Lock;
  try {
    if (Deno.statSync(`${file}-wal`).size === 0) return [];
    lock = lockDatabase(file);
  } catch {
    return [];
  }
  try {
    if (fitsFile(file)) return [];
    return [
      t`${file}-wal belongs to another database, or to an earlier state of this one. The next start sets it aside.`,
    ];
  } finally {
    lock.release();
  }
}

function pageFaults(database: DatabaseSync): string[] {
  return named(t`The whole file`, () => {
    const rows = database.prepare(`PRAGMA integrity_check(${listedPerKind + 1})`).all();
    const texts = rows.map((row) => String(Object.values(row)[0]));
    if (texts.length === 1 && texts[0] === "ok") return [];
    return texts.flatMap(findingsIn).map((text) => t`SQLite finds the file damaged: ${text}.`);
  });
}

/** Rows with a value that Livecue cannot have written. */
function rowFaults(database: DatabaseSync, table: TableName): string[] {
  const { key, columns } = rulesOf(table);
  return named(table, () => {
    const checks = Object.entries(columns).map(([column, rule]) => ({
      column,
      rule,
      broken: brokenIf(`"${column}"`, rule),
    }));
    const statement = database.prepare(
      `SELECT ${key.map((column) => `CAST("${column}" AS TEXT)`).join(" || ' ' || ")} AS row_name,
          ${checks.map(({ broken, column }) => `${broken} AS "${column}"`).join(", ")}
        FROM ${table} WHERE ${checks.map(({ broken }) => broken).join(" OR ")} LIMIT ${listedPerKind + 1}`,
    );
    return statement.all().flatMap((row) =>
      checks.filter(({ column }) => row[column] === 1).map(({ column, rule }) =>
        valueFault({ table, row: row.row_name, column, what: rule.what })
      )
    );
  });
}

function referenceFaults(database: DatabaseSync, table: TableName): string[] {
  return named(t`The references of ${table}`, () => {
    const rows = database.prepare(
      `SELECT CAST(rowid AS TEXT) AS row_name, parent FROM pragma_foreign_key_check('${table}')
        LIMIT ${listedPerKind + 1}`,
    ).all();
    return rows.map(({ row_name, parent }) => referenceFault({ table, row: row_name, parent }));
  });
}

/** Counts and ids that contradict each other. */
function countFaults(database: DatabaseSync): string[] {
  const rows = (sql: string) => database.prepare(sql).all();
  return [
    ...named(t`The counts of the sessions`, () => eventsOutside(rows)),
    ...named(t`The numbers of the messages`, () => messagesTwice(rows)),
  ];
}

/** The faults that `look` finds, cut to the limit. If `look` cannot read on, that is the fault. */
function named(what: string, look: () => string[]): string[] {
  try {
    return listed(what, look());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [t`${what} cannot be read completely: SQLite says "${why}".`];
  }
}

function count(database: DatabaseSync, table: "live_event" | "live_session"): number | null {
  try {
    return Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  } catch {
    return null;
  }
}
