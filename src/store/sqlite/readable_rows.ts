/** Reads all readable rows of a table in a damaged database, and skips the unreadable pages. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { isSqliteError } from "./trouble.ts";

export type Row = Record<string, SQLOutputValue>;

export interface TableRead {
  table: string;
  /** The selected columns and expressions. */
  select: string;
  /** The key of a table without rowids; null for a table with rowids. */
  key: readonly string[] | null;
  /** Gets each range of unreadable rowids; `to` is null up to the end of the table. */
  onGap: (from: bigint, to: bigint | null) => void;
}

const lowest = -(2n ** 63n);
const highest = 2n ** 63n - 1n;

/** One row at a time; integers are BigInts. A row of a table with rowids has its rowid as `row_number`. */
export function readableRows(database: DatabaseSync, read: TableRead): Generator<Row> {
  return read.key === null ? numberedRows(database, read) : keyedRows(database, read, read.key);
}

function* numberedRows(database: DatabaseSync, { table, select, onGap }: TableRead): Generator<Row> {
  const page = prepare(
    database,
    `SELECT rowid AS row_number, ${select} FROM ${table} NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT ?`,
  );
  const upTo = prepare(
    database,
    `SELECT rowid AS row_number FROM ${table} NOT INDEXED WHERE rowid <= ? ORDER BY rowid DESC LIMIT 2`,
  );
  /** Whether a search finds this row, and no other row from `from` up to it. */
  const isNext = (number: bigint, from: bigint) => {
    const [row, before] = attempt(() => upTo.all(number)) ?? [];
    const least = (before?.row_number ?? lowest) as bigint;
    return row?.row_number === number && (before === undefined || least < from);
  };
  const read = (from: bigint, limit: number) => {
    const rows = attempt(() => page.all(from, limit));
    return rows !== null && areInOrder(rows, from, isNext) ? rows : null;
  };
  let from = lowest;
  while (true) {
    const isAtEnd = yield* pages((limit, last) => {
      if (last === null) return read(from, limit);
      from = (last.row_number as bigint) + 1n;
      // Reads the last row again, to check which row follows it.
      return from > highest ? [] : read(from - 1n, limit + 1)?.slice(1) ?? null;
    });
    if (isAtEnd) return;
    const next = firstReadable((number) => read(number, 1), from);
    onGap(from, next === null ? null : next - 1n);
    if (next === null) return;
    from = next;
  }
}

/**
 * SQLite reads a page of zeros as rows, the same ones again and again. A page in the place of another skips the rows
 * that really come before it.
 */
function areInOrder(
  rows: readonly Row[],
  from: bigint,
  isNext: (number: bigint, from: bigint) => boolean,
): boolean {
  let least = from;
  for (const { row_number } of rows) {
    const number = row_number as bigint;
    if (number < least || (number > least && !isNext(number, least))) return false;
    least = number + 1n;
  }
  return true;
}

/** The rowid of the first readable row after `from`; null if there is none. */
function firstReadable(read: (from: bigint) => Row[] | null, from: bigint): bigint | null {
  let failing = from;
  let working = from;
  let found: Row[] | null = null;
  for (let step = 1n; found === null; step *= 2n) {
    if (working === highest) return null;
    failing = working;
    working = from + step > highest ? highest : from + step;
    found = read(working);
  }
  while (working - failing > 1n) {
    const middle = (failing + working) / 2n;
    const rows = read(middle);
    if (rows === null) failing = middle;
    else [working, found] = [middle, rows];
  }
  return (found[0]?.row_number ?? null) as bigint | null;
}

/** Reads from the start up to the first unreadable page, then from the end. */
function* keyedRows(
  database: DatabaseSync,
  { table, select, onGap }: TableRead,
  key: readonly string[],
): Generator<Row> {
  const keyOf = (row: Row) => key.map((_, index) => row[`key_${index}`] as SQLInputValue);
  const marks = key.map(() => "?").join(", ");
  let lastForward = "";
  // A bound, because a damaged page may name an earlier one as the next.
  let left = mostRows(database);
  for (const [order, sign] of [["ASC", ">"], ["DESC", "<"]] as const) {
    const by = key.map((column) => `${table}.${column} ${order}`).join(", ");
    const names = key.map((column, index) => `${table}.${column} AS key_${index}`).join(", ");
    const all = `SELECT ${select}, ${names} FROM ${table} NOT INDEXED`;
    const first = prepare(database, `${all} ORDER BY ${by} LIMIT ?`);
    const later = prepare(
      database,
      `${all} WHERE (${key.join(", ")}) ${sign} (${marks}) ORDER BY ${by} LIMIT ?`,
    );
    const rows = pages((limit, last) =>
      attempt(() => last === null ? first.all(limit) : later.all(...keyOf(last), limit))
    );
    let next = rows.next();
    for (; !next.done; next = rows.next()) {
      const name = keyOf(next.value).join(" ");
      left -= 1;
      if (left < 0 || (order === "DESC" && name === lastForward)) return;
      if (order === "ASC") lastForward = name;
      yield next.value;
    }
    if (next.value) return;
    if (order === "ASC") onGap(0n, null);
  }
}

/** How many rows of a few bytes fit into the file. */
function mostRows(database: DatabaseSync): number {
  const number = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0]);
  return number("page_count") * number("page_size") / 4;
}

const largestPage = 512;

/**
 * All rows, one page after the other. `read` gets the last row and returns null if it cannot read the page; then
 * smaller pages are tried, down to one row. Returns whether the end was reached.
 */
function* pages(read: (limit: number, last: Row | null) => Row[] | null): Generator<Row, boolean> {
  let last: Row | null = null;
  for (let limit = largestPage;;) {
    const rows = read(limit, last);
    if (rows === null) {
      if (limit === 1) return false;
      limit = Math.max(1, limit / 8);
      continue;
    }
    yield* rows;
    if (rows.length < limit) return true;
    last = rows.at(-1) as Row;
    limit = Math.min(largestPage, limit * 2);
  }
}

function prepare(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

/** null if SQLite cannot read. */
function attempt<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (isSqliteError(error)) return null;
    throw error;
  }
}
