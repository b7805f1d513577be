/** The streamers of a database of many rooms: who they are, which machine has each, and which one shall have it. */
import type { Query } from "../query.ts";
import { checkKnown, type KeptStreamers, type StreamerRow } from "../rooms.ts";
import type { Engine } from "./engine.ts";

/** The runs that hold their lock, so that they are alive. */
export const livingRuns = `SELECT run.id, run.machine, run.keeps_rooms FROM machine_run AS run WHERE EXISTS (
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended('Livecue run ' || run.id, 0)
  )`;

export class Streamers implements KeptStreamers {
  readonly #query: Query;
  readonly #engine: Engine | null;

  /** `engine`: to change them. */
  constructor(query: Query, engine: Engine | null = null) {
    this.#query = query;
    this.#engine = engine;
  }

  list(): StreamerRow[] {
    return this.#query.all<Omit<StreamerRow, "isRemoved"> & { removed: number | null }>(
      `SELECT streamer.name, living.machine, CASE WHEN living.id IS NOT NULL THEN taken_at END AS since,
          wanted_machine AS "wantedMachine", removed_at AS removed
        FROM streamer LEFT JOIN (${livingRuns}) AS living ON living.id = owner_run
        WHERE streamer.name <> '' ORDER BY streamer.name`,
    ).map(({ removed, ...row }) => ({ ...row, isRemoved: removed !== null }));
  }

  machines(): string[] {
    return this.#query.all<{ machine: string }>(
      `SELECT DISTINCT machine FROM (${livingRuns}) AS living WHERE keeps_rooms = 1 ORDER BY 1`,
    )
      .map(({ machine }) => machine);
  }

  async add(names: readonly string[], now: number): Promise<void> {
    await this.#write(names.map((name) => ({
      sql: `INSERT INTO streamer (name, added_at) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET removed_at = NULL`,
      values: [name, now],
    })));
  }

  async remove(names: readonly string[], now: number): Promise<void> {
    checkKnown(names, this.list());
    await this.#write(
      names.map((name) => ({
        sql: "UPDATE streamer SET removed_at = ? WHERE name = ?",
        values: [now, name],
      })),
    );
  }

  async forget(name: string): Promise<void> {
    await this.#write([{
      sql: "DELETE FROM streamer WHERE name = ? AND removed_at IS NOT NULL",
      values: [name],
    }]);
  }

  async move(name: string, machine: string | null): Promise<void> {
    checkKnown([name], this.list());
    await this.#write([{
      sql: "UPDATE streamer SET wanted_machine = ? WHERE name = ?",
      values: [machine, name],
    }]);
  }

  async slot(now: number, everyMs: number): Promise<number> {
    const outcomes = await this.#writing.transact([{
      text: `INSERT INTO pace AS pace (name, next_at) VALUES ('tiktok', $1::bigint + $2::bigint)
        ON CONFLICT (name) DO UPDATE SET next_at = greatest(pace.next_at, $1::bigint) + $2::bigint
        RETURNING next_at - $2::bigint`,
      values: [String(now), String(everyMs)],
    }]);
    const at = Number(outcomes?.[0]?.rows[0]?.[0] ?? now);
    return Math.max(0, at - now);
  }

  async #write(statements: readonly { sql: string; values: (string | number | null)[] }[]): Promise<void> {
    await this.#writing.execute(statements);
  }

  get #writing(): Engine {
    if (this.#engine === null) throw new Error("Streamers: this connection only reads");
    return this.#engine;
  }
}
