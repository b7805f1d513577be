/** Reads rows, of either kind of database. The SQL is what both understand, with `?` for each value. */
import { highestId } from "./columns.ts";
import type { Dialect } from "./dialect.ts";

/** What a placeholder stands for, and what a column has. */
export type SqlValue = string | number | null;

/** Reads committed rows. The caller guarantees that `Row` matches what `sql` selects. */
export interface Query {
  /** Fragments for `sql`, where the kinds of database differ. */
  readonly dialect: Dialect;
  /** Numbers beyond JavaScript's exact range are rounded. */
  all<Row>(sql: string, ...values: SqlValue[]): Row[];
  /** null if there is none. */
  first<Row>(sql: string, ...values: SqlValue[]): Row | null;
  /** As `all`, but without blocking this thread; undefined if no read blocks it for long. */
  readonly later?: Later | undefined;
}

export type Later = <Row>(sql: string, ...values: SqlValue[]) => Promise<Row[]>;

export interface WalkOptions {
  /** The name of the id in the conditions; default "id". */
  idColumn?: string;
  from: number;
  to: number;
  isDescending?: boolean;
  /** How many rows the caller will use, if known: pages are no larger. */
  expected?: number;
  /** Of the placeholders in `sql`. */
  values?: readonly SqlValue[];
}

/** The most rows that `walk` reads at a time. */
const walkedAtOnce = 500;

/**
 * The rows with ids from `from` to `to`, both included, page by page. `sql` ends with its conditions and selects an
 * `id`. (SQLite's driver iterates, too, but ends without an error at a row that it cannot read.)
 */
export function* walk<Row extends { id: number }>(
  query: Query,
  sql: string,
  { idColumn = "id", from, to, isDescending = false, expected = walkedAtOnce, values = [] }: WalkOptions,
): Generator<Row> {
  const pageSize = Math.max(1, Math.min(walkedAtOnce, expected));
  const text = `${sql} AND ${idColumn} BETWEEN ? AND ? ORDER BY ${idColumn} ${
    isDescending ? "DESC" : "ASC"
  } LIMIT ${pageSize}`;
  const bounds = { from, to: Math.min(to, highestId) };
  while (bounds.from <= bounds.to) {
    const rows = query.all<Row>(text, ...values, bounds.from, bounds.to);
    yield* rows;
    if (rows.length < pageSize) return;
    const last = rows.at(-1) as Row;
    if (isDescending) bounds.to = last.id - 1;
    else bounds.from = last.id + 1;
  }
}

/** The WHERE clause of a query, with the values of its placeholders. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly values: SqlValue[] = [];

  get sql(): string {
    return this.#conditions.length === 0 ? "" : `WHERE ${this.#conditions.join(" AND ")}`;
  }

  copy(): Conditions {
    const copy = new Conditions();
    copy.#conditions.push(...this.#conditions);
    copy.values.push(...this.values);
    return copy;
  }

  add(condition: string, ...values: SqlValue[]): this {
    this.#conditions.push(condition);
    this.values.push(...values);
    return this;
  }

  /** Only what belongs to this streamer; null: to any. */
  ofStreamer(streamer: string | null): this {
    return streamer === null ? this : this.add("streamer = ?", streamer);
  }

  /** Leaves out ids above the highest valid one, because pages would never get past them. */
  page(idColumn: string, { before }: { before?: number | undefined }): this {
    return this.add(`${idColumn} < ?`, before ?? highestId + 1);
  }
}

/** The highest id of a table; 0 if it has no rows. */
export function highestIn(
  query: Pick<Query, "first">,
  table: "live" | "live_session" | "live_event" | "event_queue",
): number {
  const row = query.first<{ id: number | null }>(
    `SELECT max(id) AS id FROM ${table} WHERE id <= ${highestId}`,
  );
  return Math.max(0, row?.id ?? 0);
}
