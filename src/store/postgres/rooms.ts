/** The rooms of a PostgreSQL database that this machine captures, all over one writing connection. */
import { sleep } from "../../clock.ts";
import type { Deadline } from "../../deadline.ts";
import { t } from "../../language.ts";
import type { Log } from "../../log/log.ts";
import type { OpenMachineLine } from "../../watch_line.ts";
import { ReaderThread } from "../reader_thread.ts";
import {
  type Held,
  heldError,
  knownRooms,
  manyRooms,
  type RoomOptions,
  type Rooms,
  type RoomsOptions,
} from "../rooms.ts";
import { Store, type StoreOptions } from "../store.ts";
import { databaseShown } from "../../database_address.ts";
import { PostgresDatabase } from "./database.ts";
import { Engine } from "./engine.ts";
import { PostgresHosts } from "./hosts.ts";
import { BlockedViewers, PostgresMarks } from "./marks.ts";
import { PostgresPruner } from "./pruner.ts";
import { PostgresQuery } from "./query.ts";
import { Streamers } from "./streamers.ts";
import { DatabaseAway, explained, type WhyLost } from "./trouble.ts";
import { PostgresMachineLine } from "./watch_machine.ts";

/** How often a room that another machine has is tried again. */
const tryEveryMs = 500;
/** How often it is looked for whether the database is back. */
const lookEveryMs = 100;
const lookForIdsEveryMs = 20;
/** How long a read may block the main thread: the database is away then. */
const readLimitMs = 1_000;
/** How long a close waits for the server. */
const closingMs = 2_000;

export class PostgresRooms implements Rooms {
  readonly #options: RoomsOptions;
  readonly #engine: Engine;
  readonly #query: PostgresQuery;
  readonly #questions: ReaderThread;
  readonly #blocked: BlockedViewers;
  readonly #presence: Presence;

  /** Creates the tables or brings them up to date. Throws a `UserError` if the database cannot be used. */
  static async open(options: RoomsOptions): Promise<PostgresRooms> {
    const { address, machine, durability, clock, keepsRooms } = options;
    const presence = new Presence(options.log);
    const engine = await Engine.open({
      address,
      machine,
      durability,
      clock,
      keepsRooms,
      onAway: (sentence) => presence.leave(sentence),
      onBack: () => presence.comeBack(),
      onLost: (room, why) => presence.lose(room, why),
    });
    try {
      const query = await PostgresQuery.open(address, {
        applicationName: `livecue ${machine} reader`,
        timeoutMs: readLimitMs,
      });
      return new PostgresRooms(options, { engine, query, presence });
    } catch (error) {
      await engine.close(closingMs);
      throw error;
    }
  }

  private constructor(options: RoomsOptions, { engine, query, presence }: RoomsParts) {
    this.#options = options;
    this.#engine = engine;
    this.#query = query;
    this.#presence = presence;
    this.#questions = new ReaderThread({ address: options.address });
    this.#blocked = new BlockedViewers(query, options.clock);
  }

  /** The address of the database, without its password. */
  get name(): string {
    return this.#engine.name;
  }

  /** The machines that run services for others. */
  get hosts(): PostgresHosts {
    return new PostgresHosts({ query: this.#query, engine: this.#engine, clock: this.#options.clock });
  }

  /** Opens the way for those who watch the rooms of this machine. */
  readonly openMachineLine: OpenMachineLine = (events) =>
    PostgresMachineLine.open({ ...this.#options, ...events, runId: () => this.#engine.runId });

  get streamers(): Streamers {
    return new Streamers(this.#query, this.#engine);
  }

  known(): string[] {
    return this.#query.all<{ name: string }>(knownRooms).map(({ name }) => name);
  }

  isAway(error: unknown): boolean {
    return error instanceof DatabaseAway;
  }

  explained(error: unknown): unknown {
    return explained(this.name, error);
  }

  /**
   * Makes the streamer's room this machine's. Throws `DatabaseAway`: then try again. `onLost`: another machine has
   * taken the room over, and nothing more of it is written.
   */
  async take(
    streamer: string,
    options: RoomOptions,
    onReleased?: () => Promise<void>,
  ): Promise<Store | Held> {
    const taken = await this.#engine.take(streamer);
    if (taken !== "taken") return taken;
    if (options.onLost) this.#presence.onLost.set(streamer, options.onLost);
    const database = new PostgresDatabase({
      room: streamer,
      address: this.#options.address,
      engine: this.#engine,
      query: this.#query,
      marks: new PostgresMarks(this.#blocked),
      hosts: this.hosts,
      openMachineLine: this.openMachineLine,
      pruner: new PostgresPruner({
        query: this.#query,
        room: streamer,
        execute: (statements) => this.#engine.execute(statements, streamer),
        monotonic: () => this.#options.clock.monotonic(),
      }),
      whenBack: () => this.#whenBack(),
      whenReady: () => this.#whenReady(),
      release: async (deadline) => {
        await this.#release(streamer, deadline);
        await onReleased?.();
      },
    });
    return new Store(database, { ...options, streamer, questions: this.#questions });
  }

  /** Ends the connections. Close the stores before. */
  async close(limitMs = closingMs): Promise<void> {
    await this.#questions.stop();
    await this.#engine.close(limitMs);
    this.#query.close();
  }

  /** The server ends what the process has open. */
  closeNow(): void {}

  /** Both connections come back by themselves, one after the other. */
  async #whenBack(): Promise<void> {
    const { clock } = this.#options;
    while (this.#engine.trouble !== null || this.#query.isAway) await sleep(clock, lookEveryMs);
  }

  /** The next block of ids is on its way, or has to be asked for again. */
  async #whenReady(): Promise<void> {
    await this.#whenBack();
    for (const { ids } = this.#engine; ids.areLow;) {
      ids.refill();
      await sleep(this.#options.clock, lookForIdsEveryMs);
    }
  }

  async #release(room: string, deadline: Deadline | null): Promise<void> {
    this.#presence.onLost.delete(room);
    const released = this.#engine.release(room);
    if (deadline !== null) await deadline.wait("the database", released, { limitMs: closingMs });
  }
}

interface RoomsParts {
  engine: Engine;
  query: PostgresQuery;
  presence: Presence;
}

/** Whether the database is there, and whether the rooms are still this machine's. */
class Presence {
  readonly #log: Log;
  /** By room: what to do when it is lost. */
  readonly onLost = new Map<string, (why: WhyLost) => void>();
  constructor(log: Log) {
    this.#log = log;
  }

  leave(sentence: string): void {
    this.#log.warn(t`${sentence} Livecue retries until it works.`);
  }

  comeBack(): void {
    this.#log.info(t`The database is back.`);
  }

  lose(room: string, why: WhyLost): void {
    this.onLost.get(room)?.(why);
  }
}

/**
 * The only room of a database. While another machine has it, waits if there is an `onHeld`, and calls that first.
 * Throws a `UserError` if there is none, and the signal's reason if it aborts.
 */
export async function openOnlyRoom(options: StoreOptions): Promise<Store> {
  const { address, durability, clock, log, machine = Deno.hostname() } = options;
  const rooms = await PostgresRooms.open({ address, durability, clock, log, machine });
  try {
    return await takeWhenFree(rooms, options);
  } catch (error) {
    await rooms.close();
    throw error;
  }
}

async function takeWhenFree(rooms: PostgresRooms, options: StoreOptions): Promise<Store> {
  const { address, clock, signal, onHeld } = options;
  if (onHeld !== undefined && rooms.streamers.list().length > 0) throw manyRooms(rooms.name);
  let toldOf: string | null = null;
  while (true) {
    signal?.throwIfAborted();
    const taken = await takeIfThere(rooms, options);
    if (taken instanceof Store) return taken;
    if (taken !== null && taken.heldBy !== toldOf) {
      if (onHeld === undefined) throw heldError(databaseShown(address), taken);
      onHeld(taken.heldBy);
      toldOf = taken.heldBy;
    }
    await sleep(clock, tryEveryMs, signal);
  }
}

/** null if the database is away. */
async function takeIfThere(rooms: PostgresRooms, options: StoreOptions): Promise<Store | Held | null> {
  try {
    return await rooms.take("", options, () => rooms.close());
  } catch (error) {
    if (error instanceof DatabaseAway) return null;
    throw error;
  }
}
