/** Reads data that a live can continue without: rows on damaged pages count as missing, and that is reported. */
import type { Dialect } from "./dialect.ts";
import type { Later, Query, SqlValue } from "./query.ts";

export interface LenientOptions {
  /** Whether an error means that the data cannot be read. Other errors are thrown. */
  isUnreadable(error: unknown): boolean;
  /** Called once, however many reads fail. */
  onUnreadable(error: Error): void;
}

export class LenientQuery implements Query {
  readonly #query: Query;
  readonly #options: LenientOptions;
  #hasReported = false;

  constructor(query: Query, options: LenientOptions) {
    this.#query = query;
    this.#options = options;
  }

  get dialect(): Dialect {
    return this.#query.dialect;
  }

  /** Rejects if the data cannot be read. */
  get later(): Later | undefined {
    return this.#query.later;
  }

  first<Row>(sql: string, ...values: SqlValue[]): Row | null {
    return this.#orElse(null, () => this.#query.first<Row>(sql, ...values));
  }

  /** A walk ends at the first page that cannot be read. */
  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#orElse([], () => this.#query.all<Row>(sql, ...values));
  }

  #orElse<Result>(instead: Result, read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      const { isUnreadable, onUnreadable } = this.#options;
      if (!isUnreadable(error)) throw error;
      if (!this.#hasReported) onUnreadable(error as Error);
      this.#hasReported = true;
      return instead;
    }
  }
}
