/** Counts the rows that are read from a database, which must not grow with the number of stored rows, and shows plans. */
import assert from "node:assert/strict";
import { DatabaseSync, StatementSync } from "node:sqlite";

type Reading = (...values: unknown[]) => unknown;
const statements = StatementSync.prototype as unknown as Record<"all" | "get" | "iterate", Reading>;

/** How many rows this thread reads while `work` runs. Fails if a query would scan a large table. */
export async function rowsRead(path: string, work: () => void | Promise<void>): Promise<number> {
  const { count, queries } = await watched(work);
  for (const query of queries) {
    const scans = planOf(path, query).filter((line) =>
      /^SCAN (live_event|event_queue|event|item)\b/.test(line)
    );
    assert.deepEqual(scans, [], query);
  }
  return count;
}

/** How SQLite finds the rows that `work` reads: the lines of the plans of all its queries. */
export async function plansOf(path: string, work: () => void | Promise<void>): Promise<string[]> {
  const { queries } = await watched(work);
  return queries.flatMap((query) => planOf(path, query));
}

/** The queries that this thread makes while `work` runs, and the number of rows that it reads. */
async function watched(work: () => void | Promise<void>): Promise<{ count: number; queries: string[] }> {
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
  return { count, queries: [...asked].filter((sql) => sql.trimStart().startsWith("SELECT")) };
}

function planOf(path: string, query: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.function("says", { varargs: true }, () => 0);
    return database.prepare(`EXPLAIN QUERY PLAN ${query}`).all().map(({ detail }) => String(detail));
  } finally {
    database.close();
  }
}
