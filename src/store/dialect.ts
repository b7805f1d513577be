/**
 * What the two kinds of database do not say in the same words. The rest of the shared SQL is written so that both
 * understand it: each join says its condition, each subquery in a FROM has a name, a name with capitals is in quotes,
 * a cast names BIGINT, and JSON lists are read with `SELECT CAST(value AS …) FROM json_each(?)`. PostgreSQL gets some of
 * SQLite's functions with its tables (`postgres/functions.ts`), and words that only SQLite knows are replaced or left out
 * (`postgres/placeholders.ts`).
 */
import type { ItemStatus } from "../item.ts";

/** Fragments of SQL. A path is as "gift.name", in the JSON of the column `event_data`. */
export interface Dialect {
  /** NULL if there is no such value, or no valid JSON. Its type differs between the databases. */
  field(path: string): string;
  /** A text; what is no text is NULL, or no text. */
  textField(path: string): string;
  /** A whole number; NULL if there is no such value. */
  integerField(path: string): string;
  /** The same, but at least 0, and 0 if there is no such value. */
  countField(path: string): string;
  /** A condition for items, with a literal, because an index over a part of the rows is used only with its condition. */
  hasStatus(status: ItemStatus, item?: string): string;
  /** That they are pending or being processed. */
  readonly isOpen: string;
  /** Whether a session's events are found among others by an index: see `session_walk.ts`. */
  readonly hasSessionIndex: boolean;
  /** null if SQL has the function `says`. If not, who asks has to look into the rows that the sieve leaves. */
  readonly sieve: Sieve | null;
}

/** Rules out most rows that do not hold a text, and none that does. */
export interface Sieve {
  /** Has one parameter, the pattern. */
  condition(columns: readonly string[]): string;
  /** `text` is simplified. */
  pattern(text: string): string;
}
