/**
 * Describes what is wrong with Livecue's rows on a server: only another program, or a failing disk, can have changed
 * them so. Only reads, and works while machines capture.
 */
import { t } from "../../language.ts";
import {
  type CheckReport,
  eventsOutside,
  listed,
  listedPerKind,
  messagesTwice,
  referenceFault,
  valueFault,
} from "../faults.ts";
import type { Query } from "../query.ts";
import { type Rule, rulesOf, type TableName, tableNames } from "../row_rules.ts";

/** Throws the database's errors. */
export function checkServer(query: Query): CheckReport {
  const rows = (sql: string) => query.all<Record<string, unknown>>(sql);
  const count = (table: string) =>
    query.first<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)?.count ?? null;
  return {
    events: count("live_event"),
    sessions: count("live_session"),
    faults: [
      ...tableNames.flatMap((table) => rowFaults(query, table)),
      ...tableNames.flatMap((table) => referenceFaults(query, table)),
      ...listed(t`The counts of the sessions`, eventsOutside(rows)),
      ...listed(t`The numbers of the messages`, messagesTwice(rows)),
    ],
  };
}

/** Rows with a value that Livecue cannot have written. */
function rowFaults(query: Query, table: TableName): string[] {
  const { columns } = rulesOf(table);
  const checks = Object.entries(columns).map(([column, rule]) => ({
    column,
    what: rule.what,
    broken: brokenIf(`"${column}"`, rule),
  }));
  const found = query.all<Record<string, unknown>>(
    `SELECT ${rowName(table)} AS row_name,
        ${checks.map(({ broken, column }) => `CAST(${broken} AS INTEGER) AS "broken ${column}"`).join(", ")}
      FROM ${table} WHERE ${checks.map(({ broken }) => broken).join(" OR ")} LIMIT ${listedPerKind + 1}`,
  );
  const faults = found.flatMap((row) =>
    checks.filter(({ column }) => row[`broken ${column}`] === 1)
      .map(({ column, what }) => valueFault({ table, row: row.row_name, column, what }))
  );
  return listed(table, faults);
}

function referenceFaults(query: Query, table: TableName): string[] {
  const faults = Object.entries(rulesOf(table).refers).flatMap(([column, parent]) =>
    query.all<{ row_name: string }>(
      `SELECT ${rowName(table)} AS row_name FROM ${table} AS child WHERE "${column}" IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ${parent} AS parent WHERE parent.id = child."${column}")
        LIMIT ${listedPerKind + 1}`,
    ).map(({ row_name: row }) => referenceFault({ table, row, parent }))
  );
  return listed(t`The references of ${table}`, faults);
}

function rowName(table: TableName): string {
  return rulesOf(table).key.map((column) => `CAST("${column}" AS TEXT)`).join(" || ' ' || ");
}

/** As for a file, but the server itself enforces the types of its columns. */
function brokenIf(column: string, { valid, isOptional }: Rule): string {
  const conditions = valid.filter((condition) => !condition.startsWith("typeof("))
    .map((condition) => condition.replace("json_type(%)", "json_typeof(%::json)"));
  // CASE, because AND guarantees no order of evaluation, and a cast to JSON fails at invalid JSON.
  const holds = conditions.reduceRight(
    (rest, condition) => `CASE WHEN ${condition} THEN ${rest} ELSE false END`,
    "true",
  ).replaceAll("%", column);
  return isOptional ? `(${column} IS NOT NULL AND NOT (${holds}))` : `NOT (${holds})`;
}
