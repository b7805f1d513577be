/** Reads data that a live can continue without: rows on damaged pages count as missing, and that is reported. */
import type { SQLInputValue } from "node:sqlite";
import type { Query } from "./sqlite/query.ts";
import { isUnreadable } from "./sqlite/trouble.ts";

export class LenientQuery implements Pick<Query, "first" | "all" | "walk"> {
  readonly #query: Query;
  readonly #onUnreadable: (error: Error) => void;
  #hasReported = false;

  /** `onUnreadable` is called once, however many reads fail. */
  constructor(query: Query, onUnreadable: (error: Error) => void) {
    this.#query = query;
    this.#onUnreadable = onUnreadable;
  }

  first<Row>(sql: string, ...values: SQLInputValue[]): Row | null {
    return this.#orElse(null, () => this.#query.first<Row>(sql, ...values));
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#orElse([], () => this.#query.all<Row>(sql, ...values));
  }

  /** Stops at the first page that cannot be read. */
  *walk<Row extends { id: number }>(...given: Parameters<Query["walk"]>): Generator<Row> {
    const rows = this.#query.walk<Row>(...given);
    while (true) {
      const next = this.#orElse(null, () => rows.next());
      if (next === null || next.done) return;
      yield next.value;
    }
  }

  #orElse<Result>(instead: Result, read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      if (!this.#hasReported) this.#onUnreadable(error as Error);
      this.#hasReported = true;
      return instead;
    }
  }
}
