/**
 * A run of Livecue on a machine, as the database knows it: which batches it has committed, and which rooms are its own.
 * The lock of a room belongs to the connection that writes, so whoever can write owns the room.
 */
import type { Clock } from "../../clock.ts";
import type { IdBlocks } from "./id_blocks.ts";
import type { Outcome, Piece, Pipeline } from "./pipeline.ts";
import { DatabaseAway, type WhyLost } from "./trouble.ts";

/** What the database says about a run after its connection was lost. */
export interface Resumed {
  /** The last batch that is committed; null if the database does not know this run as it was, so that a new one begins. */
  batch: number | null;
  /** Rooms that are no longer this run's. */
  lostRooms: string[];
  why: WhyLost;
}

/** Advisory locks are numbers, and of the whole database: the schema keeps two installations apart. */
const roomKey = (name: string) =>
  `hashtextextended('Livecue room ' || current_schema() || ' ' || ${name}, 0)`;
/** SQL that takes the lock of this room until the end of the transaction, if nobody has it. */
export const lockRoomWhileChanging = (name: string) => `pg_try_advisory_xact_lock(${roomKey(name)})`;

/** SQL for whether any connection holds the lock of this room. */
export const lockedRoom = (name: string) =>
  `EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = ${roomKey(name)})`;

const runKey = "hashtextextended('Livecue run ' || $1, 0)";

/** Advances the run to batch `$2`. Fails if that is not the next one: the texts of errors that it makes are no numbers. */
const advance = `WITH moved AS (
    UPDATE machine_run SET batch = $2::bigint WHERE id = $1::bigint AND batch = $2::bigint - 1 RETURNING 1
  )
  SELECT ('this batch of Livecue is not the next one, ' || count(*))::integer FROM moved HAVING count(*) <> 1`;

/** What `advance` fails with. */
export const notNextState = "22P02";

/** The rest of the transaction depends on whether this one got the lock. */
const lockRoom = `SELECT set_config('livecue.is_locked', pg_try_advisory_lock(${roomKey("$1")})::text, true)`;
const roomBefore = "SELECT owner_run, machine FROM streamer WHERE name = $1";
const markRoom = `INSERT INTO streamer (name, owner_run, machine, taken_at)
  SELECT $1, $2::bigint, $3, $4::bigint WHERE current_setting('livecue.is_locked') = 'true'
  ON CONFLICT (name) DO UPDATE SET owner_run = excluded.owner_run, machine = excluded.machine,
    taken_at = excluded.taken_at`;
const unmarkRoom = "UPDATE streamer SET owner_run = NULL WHERE name = $1 AND owner_run = $2::bigint";
const unlockRoom = `SELECT pg_advisory_unlock(${roomKey("$1")})`;

/**
 * Deletes what runs have left that crashed: those that hold no lock and are no room's last owner. One that is only cut
 * off may come back to its rooms as long as nobody has taken them; it has lost them all when its row is gone.
 */
const forgetDead = `DELETE FROM machine_run AS run
  WHERE NOT EXISTS (SELECT 1 FROM streamer WHERE owner_run = run.id)
    AND NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended('Livecue run ' || run.id, 0))`;

/** Who holds a lock with this key, by the two halves of which the server makes it. */
const endHolder = `SELECT pg_terminate_backend(pid) FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = ${runKey}`;

/** How often an old connection is ended before that is tried later. */
const endings = 50;
const betweenEndingsMs = 100;

export interface RunOptions {
  machine: string;
  /** As in `EngineOptions`. */
  keepsRooms?: boolean | undefined;
  clock: Clock;
}

export class Run {
  readonly #options: RunOptions;
  /** At random, because an older copy of the database would give a number of a sequence again. */
  readonly #id = String(crypto.getRandomValues(new BigUint64Array(1))[0]! >> 11n);

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** At most 2^53 - 1, so that it is exact. */
  get id(): number {
    return Number(this.#id);
  }

  /** Makes the run known, with no batch committed. */
  async register(pipeline: Pipeline): Promise<void> {
    const { machine, clock, keepsRooms = false } = this.#options;
    await pipeline.send([
      { text: `SELECT pg_advisory_lock(${runKey})`, values: [this.#id] },
      {
        text: `INSERT INTO machine_run (id, machine, started_at, keeps_rooms)
          VALUES ($1::bigint, $2, $3::bigint, $4::bigint)`,
        values: [this.#id, machine, String(clock.now()), keepsRooms ? "1" : "0"],
      },
      { text: forgetDead },
    ]);
  }

  /** The first piece of each batch, so that no batch is committed twice or out of its order. */
  advanceTo(batch: number): Piece {
    return { text: advance, values: [this.#id, String(batch)] };
  }

  /**
   * Takes the room's lock and marks the room as this run's. `isFirst`: no other run had it before, so that all ids in it
   * are this run's.
   */
  async take(pipeline: Pipeline, name: string): Promise<{ isFirst: boolean } | { heldBy: string }> {
    const { machine, clock } = this.#options;
    const outcomes = await pipeline.send([
      { text: lockRoom, values: [name] },
      { text: roomBefore, values: [name] },
      { text: markRoom, values: [name, this.#id, machine, String(clock.now())] },
    ]);
    const [lock, before] = outcomes as [Outcome, Outcome];
    const [owner = null, heldBy = ""] = before.rows[0] ?? [];
    if (lock.rows[0]?.[0] !== "true") return { heldBy: heldBy ?? "" };
    // Of a run that has lost its last room to this one nothing is missed, so a failure of this is not waited for.
    if (owner !== null && owner !== this.#id) pipeline.send([{ text: forgetDead }]).catch(() => {});
    return { isFirst: owner === null && before.rows.length === 0 || owner === this.#id };
  }

  async release(pipeline: Pipeline, names: readonly string[]): Promise<void> {
    const pieces = names.flatMap((name) => [
      { text: unmarkRoom, values: [name, this.#id] },
      { text: unlockRoom, values: [name] },
    ]);
    await pipeline.send(pieces);
  }

  /** Deletes the run's row, at its end. */
  async forget(pipeline: Pipeline): Promise<void> {
    await pipeline.send([{ text: "DELETE FROM machine_run WHERE id = $1::bigint", values: [this.#id] }]);
  }

  /**
   * Takes the place of this run's former connection: ends that at the server, where it may not know yet that it is cut,
   * takes the locks, and asks what is committed. `batches`: the last ones that the server acknowledged and that it was
   * sent. Throws `DatabaseAway` if the former connection does not end.
   */
  async resume(
    pipeline: Pipeline,
    { rooms, batches, ids }: { rooms: readonly string[]; batches: readonly [number, number]; ids: IdBlocks },
  ): Promise<Resumed> {
    await this.#replaceConnection(pipeline);
    const locked = await this.#lock(pipeline, rooms);
    const [run, blocks, owners] = await pipeline.send([
      { text: "SELECT batch FROM machine_run WHERE id = $1::bigint", values: [this.#id] },
      { text: "SELECT name, next FROM id_block" },
      { text: "SELECT name FROM streamer WHERE owner_run = $1::bigint", values: [this.#id] },
    ]) as [Outcome, Outcome, Outcome];
    const batch = Number(run.rows[0]?.[0] ?? -1);
    const [acknowledged, sent] = batches;
    const hasIds = ids.areKnownTo(blocks.rows);
    const isKnown = batch >= acknowledged && batch <= sent && hasIds;
    // Without its row, the run was lost to others, who delete it.
    const isOlder = !hasIds || (run.rows.length > 0 && !isKnown);
    const own = new Set(isKnown ? owners.rows.map(([name]) => name) : []);
    const lostRooms = rooms.filter((name) => !locked.has(name) || !own.has(name));
    const freed = lostRooms.filter((name) => locked.has(name));
    await pipeline.send(freed.map((name) => ({ text: unlockRoom, values: [name] })));
    return { batch: isKnown ? batch : null, lostRooms, why: isOlder ? "older copy" : "taken over" };
  }

  async #replaceConnection(pipeline: Pipeline): Promise<void> {
    for (let round = 0; round < endings; round++) {
      const [lock] = await pipeline.send([
        { text: `SELECT pg_try_advisory_lock(${runKey})`, values: [this.#id] },
      ]);
      if (lock?.rows[0]?.[0] === "t") return;
      await pipeline.send([{ text: endHolder, values: [this.#id] }]);
      await new Promise<void>((resolve) => this.#options.clock.after(betweenEndingsMs, resolve));
    }
    throw new DatabaseAway();
  }

  /** Returns the rooms whose locks are this connection's now. */
  async #lock(pipeline: Pipeline, rooms: readonly string[]): Promise<Set<string>> {
    const outcomes = await pipeline.send(
      rooms.map((name) => ({ text: `SELECT pg_try_advisory_lock(${roomKey("$1")})`, values: [name] })),
    );
    return new Set(rooms.filter((_, index) => outcomes[index]?.rows[0]?.[0] === "t"));
  }
}
