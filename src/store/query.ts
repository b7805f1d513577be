/** Reading with kept statements, rows typed by their query. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { highestId } from "./columns.ts";

type AnyRow = Record<string, unknown>;

/** Not among the declared methods yet. */
interface ArrayStatement extends StatementSync {
  setReturnArrays(isOn: boolean): void;
}

/** A statement whose rows come as arrays, with the names of what is in them. */
interface ManyRows {
  statement: ArrayStatement;
  columns: readonly string[];
}

/** Rows read at a time by `walk`, at most. */
const walkedAtOnce = 500;

export class Query {
  readonly #database: DatabaseSync;
  readonly #many = new Map<string, ManyRows>();
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * The caller vouches that `Row` is what `sql` selects. A number that JavaScript cannot hold comes inexact. Rows are
   * made from arrays: the driver's own objects have no shape that the engine knows, and a page of a queue took 11 µs a
   * row with them in place of 7.
   */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    const { statement, columns } = this.#prepareMany(sql);
    const read = () => {
      const rows = statement.all(...values) as unknown as unknown[][];
      return rows.map((row) => rowOf(columns, row));
    };
    return inexactWhereNeeded(statement, read) as unknown as Row[];
  }

  first<Row>(sql: string, ...values: SQLInputValue[]): Row | null {
    const read = (statement: StatementSync) => {
      const row = statement.get(...values);
      return row === undefined ? [] : [row];
    };
    return (inexactWhereNeeded(this.#prepare(sql), read)[0] ?? null) as unknown as Row | null;
  }

  /**
   * The rows with ids in a span, both ends included, page by page. `sql` ends in its conditions, and has an `id`; `idColumn` is
   * that id's name in them. (The driver's own iteration ends without a word where a row cannot be read.)
   */
  *walk<Row extends { id: number }>(
    sql: string,
    { idColumn = "id", from, to, isDescending = false, expected = walkedAtOnce }: {
      idColumn?: string;
      from: number;
      to: number;
      isDescending?: boolean;
      /** Rows that will be looked at, where that is known: no more are read at a time. */
      expected?: number;
    },
  ): Generator<Row> {
    const pageSize = Math.max(1, Math.min(walkedAtOnce, expected));
    const text = `${sql} AND ${idColumn} BETWEEN ? AND ? ORDER BY ${idColumn} ${
      isDescending ? "DESC" : "ASC"
    } LIMIT ${pageSize}`;
    const bounds = { from, to: Math.min(to, highestId) };
    while (bounds.from <= bounds.to) {
      const rows = this.all<Row>(text, bounds.from, bounds.to);
      yield* rows;
      if (rows.length < pageSize) return;
      const last = rows.at(-1) as Row;
      if (isDescending) bounds.to = last.id - 1;
      else bounds.from = last.id + 1;
    }
  }

  #prepareMany(sql: string): ManyRows {
    let prepared = this.#many.get(sql);
    if (prepared === undefined) {
      const statement = this.#database.prepare(sql) as ArrayStatement;
      statement.setReturnArrays(true);
      prepared = { statement, columns: statement.columns().map(({ name }) => name) };
      this.#many.set(sql, prepared);
    }
    return prepared;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

function rowOf(columns: readonly string[], values: readonly unknown[]): AnyRow {
  const row: AnyRow = {};
  for (let index = 0; index < columns.length; index++) row[columns[index] as string] = values[index];
  return row;
}

/** The highest id of a table; 0 where it has no rows. */
export function highestIn(
  query: Pick<Query, "first">,
  table: "live" | "live_session" | "live_event" | "event_queue",
): number {
  const row = query.first<{ id: number | null }>(
    `SELECT max(id) AS id FROM ${table} WHERE id <= ${highestId}`,
  );
  return Math.max(0, row?.id ?? 0);
}

/** The driver throws at a number over 2^53: the rows are read again then, with BigInts. */
function inexactWhereNeeded(
  statement: StatementSync,
  read: (statement: StatementSync) => AnyRow[],
): AnyRow[] {
  try {
    return read(statement);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  statement.setReadBigInts(true);
  try {
    return read(statement).map(withoutBigInts);
  } finally {
    statement.setReadBigInts(false);
  }
}

function withoutBigInts(row: AnyRow): AnyRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );
}
