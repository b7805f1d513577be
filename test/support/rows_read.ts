/** Counts the rows that are read from a database. This count must not grow with the number of stored rows. */
import assert from "node:assert/strict";
import { DatabaseSync, StatementSync } from "node:sqlite";

type Reading = (...values: unknown[]) => unknown;
const statements = StatementSync.prototype as unknown as Record<"all" | "get" | "iterate", Reading>;

/** How many rows this thread reads while `work` runs. Fails if a query would scan a large table. */
export async function rowsRead(path: string, work: () => void | Promise<void>): Promise<number> {
  const { all, get, iterate } = statements;
  const asked = new Set<string>();
  let count = 0;
  const counting = (read: Reading): Reading =>
    function (this: StatementSync, ...values) {
      asked.add(this.sourceSQL);
      const rows = read.apply(this, values);
      if (read === iterate) return counted(rows as Iterable<unknown>);
      count += Array.isArray(rows) ? rows.length : 1;
      return rows;
    };
  function* counted(rows: Iterable<unknown>): Generator<unknown> {
    for (const row of rows) {
      count += 1;
      yield row;
    }
  }
  Object.assign(statements, { all: counting(all), get: counting(get), iterate: counting(iterate) });
  try {
    await work();
  } finally {
    Object.assign(statements, { all, get, iterate });
  }
  assertNoScan(path, [...asked]);
  return count;
}

/** Asserts that no query scans one of the growing tables. */
function assertNoScan(path: string, queries: string[]): void {
  const database = new DatabaseSync(path, { readOnly: true });
  for (const sql of queries.filter((sql) => sql.trimStart().startsWith("SELECT"))) {
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => String(detail));
    const scans = plan.filter((line) => /^SCAN (live_event|event_queue|event|item)\b/.test(line));
    assert.deepEqual(scans, [], sql);
  }
  database.close();
}
