/** What SQLite says in its own words. */
import { boundedText } from "../columns.ts";
import type { Dialect } from "../dialect.ts";

/** json_extract throws at invalid JSON. */
function field(path: string): string {
  return `CASE WHEN json_valid(event_data) THEN json_extract(event_data, '$.${path}') END`;
}

const integerField = (path: string) => `CAST(${field(path)} AS INTEGER)`;

export const sqliteDialect: Dialect = {
  field,
  textField: (path) => boundedText(field(path)),
  integerField,
  countField: (path) => `max(0, coalesce(${integerField(path)}, 0))`,
  hasStatus: (status, item = "event_queue") => `${item}.status = '${status}'`,
  isOpen: "(status = 'pending' OR status = 'processing')",
  hasSessionIndex: false,
  sieve: null,
};

/** Of a file of many rooms. */
export const sqliteRoomsDialect: Dialect = { ...sqliteDialect, hasSessionIndex: true };
