/** Reading with kept statements, rows typed by their query. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

export class Query {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The caller vouches that `Row` is what `sql` selects. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as unknown as Row[];
  }

  first<Row>(sql: string, ...values: SQLInputValue[]): Row | null {
    return (this.#prepare(sql).get(...values) ?? null) as unknown as Row | null;
  }

  /** Row by row, in a read of its own: two walks of one query do not disturb each other. */
  *walk<Row>(sql: string, ...values: SQLInputValue[]): Generator<Row> {
    for (const row of this.#database.prepare(sql).iterate(...values)) yield row as unknown as Row;
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
