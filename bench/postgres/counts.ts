// @ts-types="@types/pg"
import pg from "pg";

/** The number that each statement finds. */
export async function countsInPostgres(address: string, statements: readonly string[]): Promise<number[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    const counts: number[] = [];
    for (const text of statements) {
      const { rows } = await client.query({ text, rowMode: "array" });
      counts.push(Number(rows[0]?.[0]));
    }
    return counts;
  } finally {
    await client.end();
  }
}
