/** The streamers of a database of many rooms: who they are, which machine has each, and which one shall have it. */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import type { Query } from "../query.ts";
import type { Engine } from "./engine.ts";

export interface StreamerRow {
  name: string;
  /** The machine that has the room now; null if none has. */
  machine: string | null;
  /** Since when, Unix milliseconds; null if no machine has the room. */
  since: number | null;
  /** The machine to which a person has moved the room; null if any may have it. */
  wantedMachine: string | null;
  /** A person has removed the streamer: whoever has the room gives it up. */
  isRemoved: boolean;
}

/** The runs that hold their lock, so that they are alive. */
export const livingRuns = `SELECT run.id, run.machine, run.keeps_rooms FROM machine_run AS run WHERE EXISTS (
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended('Livecue run ' || run.id, 0)
  )`;

export class Streamers {
  readonly #query: Query;
  readonly #engine: Engine | null;

  /** `engine`: to change them. */
  constructor(query: Query, engine: Engine | null = null) {
    this.#query = query;
    this.#engine = engine;
  }

  /** In order of their names. The only room of a database has no name, and is not among them. */
  list(): StreamerRow[] {
    return this.#query.all<Omit<StreamerRow, "isRemoved"> & { removed: number | null }>(
      `SELECT streamer.name, living.machine, CASE WHEN living.id IS NOT NULL THEN taken_at END AS since,
          wanted_machine AS "wantedMachine", removed_at AS removed
        FROM streamer LEFT JOIN (${livingRuns}) AS living ON living.id = owner_run
        WHERE streamer.name <> '' ORDER BY streamer.name`,
    ).map(({ removed, ...row }) => ({ ...row, isRemoved: removed !== null }));
  }

  /** The machines that run now and capture streamers, each once. Others may be hosts, or run a command. */
  machines(): string[] {
    return this.#query.all<{ machine: string }>(
      `SELECT DISTINCT machine FROM (${livingRuns}) AS living WHERE keeps_rooms = 1 ORDER BY 1`,
    )
      .map(({ machine }) => machine);
  }

  /** Adds those that are not there yet. */
  async add(names: readonly string[], now: number): Promise<void> {
    await this.#write(names.map((name) => ({
      sql: `INSERT INTO streamer (name, added_at) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET removed_at = NULL`,
      values: [name, now],
    })));
  }

  /** Whoever has one of these rooms gives it up. Their events stay. Throws a `UserError` if there is no such streamer. */
  async remove(names: readonly string[], now: number): Promise<void> {
    this.#check(names);
    await this.#write(
      names.map((name) => ({
        sql: "UPDATE streamer SET removed_at = ? WHERE name = ?",
        values: [now, name],
      })),
    );
  }

  /** Deletes a removed streamer that no machine has. */
  async forget(name: string): Promise<void> {
    await this.#write([{
      sql: "DELETE FROM streamer WHERE name = ? AND removed_at IS NOT NULL",
      values: [name],
    }]);
  }

  /** Throws a `UserError` if there is no such streamer. `machine` null: any may have the room. */
  async move(name: string, machine: string | null): Promise<void> {
    this.#check([name]);
    await this.#write([{
      sql: "UPDATE streamer SET wanted_machine = ? WHERE name = ?",
      values: [machine, name],
    }]);
  }

  /**
   * When the caller may connect: all machines together make one connection in `everyMs`. Returns how long to wait, in
   * milliseconds.
   */
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

  #check(names: readonly string[]): void {
    const known = new Set(this.list().map(({ name }) => name));
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length === 0) return;
    throw new UserError(
      t`There is no streamer ${
        unknown.map((name) => `@${name}`).join(", ")
      }. "streamers list" shows them all.`,
    );
  }

  async #write(statements: readonly { sql: string; values: (string | number | null)[] }[]): Promise<void> {
    await this.#writing.execute(statements);
  }

  get #writing(): Engine {
    if (this.#engine === null) throw new Error("Streamers: this connection only reads");
    return this.#engine;
  }
}
