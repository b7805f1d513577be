/** The hosts of a database: machines that run services for those that capture. They announce themselves here. */
import type { Clock } from "../../clock.ts";
import type { HostBook, HostEntry } from "../../host_book.ts";
import { jsonIn } from "../columns.ts";
import type { Engine } from "./engine.ts";
import type { PostgresQuery } from "./query.ts";

/** A host that has not announced itself for so long is gone. */
export const goneAfterMs = 60_000;

export interface PostgresHostsParts {
  query: Pick<PostgresQuery, "later">;
  engine: Engine;
  clock: Clock;
}

export class PostgresHosts implements HostBook {
  readonly #parts: PostgresHostsParts;

  constructor(parts: PostgresHostsParts) {
    this.#parts = parts;
  }

  /** Rejects with `DatabaseAway` while the database is away. */
  async hosts(): Promise<HostEntry[]> {
    const { query, clock } = this.#parts;
    const rows = await query.later<Omit<HostEntry, "services"> & { services: string }>(
      `SELECT name, address, token, services, seen_at AS "seenAt" FROM host WHERE seen_at > ? ORDER BY name`,
      clock.now() - goneAfterMs,
    );
    return rows.map(({ services, ...row }) => ({
      ...row,
      services: jsonIn(services) as string[] | null ?? null,
    }));
  }

  async announce({ name, address, token, services, seenAt }: HostEntry): Promise<void> {
    await this.#parts.engine.execute([{
      sql: `INSERT INTO host (name, address, token, services, seen_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET address = excluded.address, token = excluded.token,
          services = excluded.services, seen_at = excluded.seen_at`,
      values: [name, address, token, JSON.stringify(services), seenAt],
    }]);
  }

  async withdraw(name: string): Promise<void> {
    await this.#parts.engine.execute([{ sql: "DELETE FROM host WHERE name = ?", values: [name] }]);
  }
}
