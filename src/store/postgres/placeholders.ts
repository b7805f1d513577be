/**
 * The shared SQL has SQLite's placeholders, which PostgreSQL does not know, and values without types. Words that only
 * SQLite has, or means in another way, are replaced: CROSS JOIN, which keeps the order of tables; INDEXED BY; and LIKE,
 * which ignores the case of ASCII letters there.
 */
import type { SqlValue } from "../query.ts";

const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?(\d*)|\b(?:CROSS JOIN|INDEXED BY \w+|LIKE)\b/g;
const words: Readonly<Record<string, string>> = { "CROSS JOIN": "JOIN", LIKE: "ILIKE" };

/**
 * Turns `?` into `$1`, `$2` … and `?3` into `$3`, except in literals, names in quotes and comments. Each gets the type
 * of its value, because PostgreSQL would infer it from what stands beside it: with `coalesce(?, 0)` no id above 2^31
 * would be possible. `kinds`: of the values, from `kindsOf`.
 */
export function numberedPlaceholders(sql: string, kinds: string): string {
  let count = 0;
  return sql.replace(tokens, (token, number: string | undefined) => {
    if (token.startsWith("INDEXED BY")) return "";
    if (number === undefined) return words[token] ?? token;
    const position = number === "" ? ++count : Number(number);
    return `$${position}${casts[kinds[position - 1] as Kind] ?? ""}`;
  });
}

const casts = { i: "::bigint", f: "::double precision", t: "::text", n: "" } as const;
type Kind = keyof typeof casts;

/** A letter for each value: integer, fraction, text or null. A text of SQL needs a statement for each such word. */
export function kindsOf(values: readonly SqlValue[]): string {
  return values.map((value): Kind => {
    if (typeof value === "number") return Number.isInteger(value) ? "i" : "f";
    return value === null ? "n" : "t";
  }).join("");
}
