/** What PostgreSQL says in its own words, with the functions of `functions.ts`. */
import { boundedText } from "../columns.ts";
import type { Dialect } from "../dialect.ts";
import { patternFor } from "./text_pattern.ts";

const call = (name: string, path: string) =>
  `${name}(event_data, ${path.split(".").map((part) => `'${part}'`).join(", ")})`;

export const postgresDialect: Dialect = {
  field: (path) => call("json_field", path),
  textField: (path) => boundedText(call("json_text", path)),
  integerField: (path) => call("json_integer", path),
  countField: (path) => `greatest(0, coalesce(${call("json_integer", path)}, 0))`,
  hasStatus: (status, item = "event_queue") => {
    const isOpen = status === "pending" || status === "processing";
    return `${item}.status = '${status}'${isOpen ? ` AND ${item}.finished_at IS NULL` : ""}`;
  },
  isOpen: "finished_at IS NULL",
  hasSessionIndex: true,
  sieve: {
    // One text is searched faster than several.
    condition: (columns) => `concat_ws(chr(10), ${columns.join(", ")}) ~ ?`,
    pattern: patternFor,
  },
};
