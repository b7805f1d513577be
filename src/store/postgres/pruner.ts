/** Deletes old sessions from a room of a PostgreSQL database. */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { optionalMomentIn } from "../columns.ts";
import type { PruneCounts, Pruner } from "../pruner.ts";
import type { Query } from "../query.ts";

/** The newest event is looked for among so many. */
const newestEvents = 500;

export class PostgresPruner implements Pruner {
  readonly shrinksInSteps = true;
  readonly #query: Query;

  constructor({ query }: { query: Query }) {
    this.#query = query;
  }

  // deno-lint-ignore require-yield
  async *prune(): AsyncGenerator<void, PruneCounts> {
    await Promise.resolve();
    throw new UserError(t`Livecue cannot delete old sessions from PostgreSQL yet.`);
  }

  /** The server reuses free space by itself. */
  async *shrink(): AsyncGenerator<void> {}

  rewrite(): void {}

  newestEventAt(): number | null {
    const sql = `SELECT max(created_at) AS at FROM
      (SELECT created_at, depth, is_test FROM live_event ORDER BY id DESC LIMIT ${newestEvents}) AS newest
      WHERE depth = 0 AND is_test = 0`;
    return optionalMomentIn(this.#query.first<{ at: number | null }>(sql)?.at);
  }
}
