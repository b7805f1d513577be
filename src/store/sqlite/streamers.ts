/** The streamers of a database file of many rooms, for the process that owns the file, and for a command beside it. */
import { type Clock, sleep } from "../../clock.ts";
import { t } from "../../language.ts";
import type { Log } from "../../log/log.ts";
import { UserError } from "../../user_error.ts";
import type { Statement } from "../database.ts";
import type { Query } from "../query.ts";
import { checkKnown, type KeptStreamers, type StreamerList, type StreamerRow } from "../rooms.ts";
import { WishBox } from "../wish_box.ts";
import { ownerOfDatabase } from "./lock.ts";
import { databaseFile } from "./open.ts";
import { openSqliteReader } from "./reading.ts";

/** What a command leaves for the process that owns the file. */
interface StreamerWish {
  name: string;
  isRemoved: boolean;
  /** Unix milliseconds. */
  at: number;
}

const takenAtOnce = 1_000;

function wishBox(file: string): WishBox<StreamerWish> {
  return new WishBox(`${file}.streamers`, isWish);
}

function isWish(read: unknown): read is StreamerWish {
  if (typeof read !== "object" || read === null) return false;
  const { name, isRemoved, at } = read as Record<string, unknown>;
  return typeof name === "string" && name !== "" && typeof isRemoved === "boolean" && typeof at === "number";
}

function statementFor({ name, isRemoved, at }: StreamerWish): Statement {
  return isRemoved ? { sql: "UPDATE streamer SET removed_at = ? WHERE name = ?", values: [at, name] } : {
    sql: `INSERT INTO streamer (name, added_at) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET removed_at = NULL`,
    values: [name, at],
  };
}

function streamersIn(query: Query): StreamerRow[] {
  return query.all<{ name: string; machine: string | null; taken_at: number | null; removed: number | null }>(
    "SELECT name, machine, taken_at, removed_at AS removed FROM streamer ORDER BY name",
  ).map(({ name, machine, taken_at, removed }) => ({
    name,
    machine: taken_at === null ? null : machine,
    since: taken_at,
    wantedMachine: null,
    isRemoved: removed !== null,
  }));
}

export interface OwnStreamersOptions {
  file: string;
  query: Query;
  machine: string;
  /** Throws the database's errors. */
  execute(statements: readonly Statement[]): void;
  /** Whether an error has a cause outside of Livecue, so that a later try may work. */
  isTrouble(error: unknown): boolean;
}

/** Of the process that owns the file. */
export class OwnStreamers implements KeptStreamers {
  readonly #options: OwnStreamersOptions;
  readonly #box: WishBox<StreamerWish>;
  #nextSlotAt = 0;

  constructor(options: OwnStreamersOptions) {
    this.#options = options;
    this.#box = wishBox(options.file);
  }

  /** Takes the wishes of commands first. */
  list(): StreamerRow[] {
    this.#takeWishes();
    return streamersIn(this.#options.query);
  }

  machines(): string[] {
    return [this.#options.machine];
  }

  add(names: readonly string[], now: number): Promise<void> {
    return this.#change(names.map((name) => ({ name, isRemoved: false, at: now })));
  }

  remove(names: readonly string[], now: number): Promise<void> {
    checkKnown(names, this.list());
    return this.#change(names.map((name) => ({ name, isRemoved: true, at: now })));
  }

  move(name: string): Promise<void> {
    return Promise.reject(noOtherMachine(this.#options.file, name));
  }

  forget(name: string): Promise<void> {
    const sql = "DELETE FROM streamer WHERE name = ? AND removed_at IS NOT NULL";
    this.#options.execute([{ sql, values: [name] }]);
    return Promise.resolve();
  }

  slot(now: number, everyMs: number): Promise<number> {
    const at = Math.max(now, this.#nextSlotAt);
    this.#nextSlotAt = at + everyMs;
    return Promise.resolve(at - now);
  }

  /** What a command beside this process shows. `at`: Unix milliseconds; null: nobody has the room. */
  note(name: string, at: number | null): void {
    const sql = "UPDATE streamer SET machine = ?, taken_at = ? WHERE name = ?";
    this.#options.execute([{ sql, values: [this.#options.machine, at, name] }]);
  }

  /** No room is open yet. */
  noteNone(): void {
    this.#options.execute([{ sql: "UPDATE streamer SET taken_at = NULL", values: [] }]);
  }

  #change(wishes: readonly StreamerWish[]): Promise<void> {
    this.#options.execute(wishes.map(statementFor));
    return Promise.resolve();
  }

  #takeWishes(): void {
    const { execute, isTrouble } = this.#options;
    const waiting = this.#box.take(takenAtOnce);
    if (waiting.length === 0) return;
    try {
      execute(waiting.map(({ wish }) => statementFor(wish)));
      for (const { done } of waiting) done();
    } catch (error) {
      for (const { keep } of waiting) keep();
      if (!isTrouble(error)) throw error;
    }
  }
}

/** How long a command waits for the process that owns the file, which looks each second. */
const longestWaitMs = 5_000;
const lookEveryMs = 100;

export interface AskedStreamersOptions {
  /** The path of the database file. */
  address: string;
  clock: Clock;
  log: Log;
  /** Becomes the owner of the file for a moment, and takes the wishes. */
  takeWishes(): Promise<void>;
}

/** Of a command, while another process may own the file. */
export class AskedStreamers implements StreamerList {
  readonly #options: AskedStreamersOptions;
  readonly #file: string;

  constructor(options: AskedStreamersOptions) {
    this.#options = options;
    this.#file = databaseFile(options.address);
  }

  /** Throws a `UserError` if there is no database yet. */
  list(): StreamerRow[] {
    const isOwned = ownerOfDatabase(this.#file) !== null;
    const { query, explained, close } = openSqliteReader(this.#options.address);
    try {
      const rows = streamersIn(query);
      return isOwned ? rows : rows.map((row) => ({ ...row, machine: null, since: null }));
    } catch (error) {
      throw explained(error);
    } finally {
      close();
    }
  }

  machines(): string[] {
    const machines = this.list().map(({ machine }) => machine).filter((machine) => machine !== null);
    return [...new Set(machines)];
  }

  add(names: readonly string[], now: number): Promise<void> {
    return this.#ask(names.map((name) => ({ name, isRemoved: false, at: now })));
  }

  async remove(names: readonly string[], now: number): Promise<void> {
    checkKnown(names, this.list());
    await this.#ask(names.map((name) => ({ name, isRemoved: true, at: now })));
  }

  move(name: string): Promise<void> {
    return Promise.reject(noOtherMachine(this.#file, name));
  }

  async #ask(wishes: readonly StreamerWish[]): Promise<void> {
    const { clock } = this.#options;
    const box = wishBox(this.#file);
    const left = wishes.map((wish) => box.leave(wish, wish.at));
    try {
      for (let waitedMs = 0; waitedMs < longestWaitMs; waitedMs += lookEveryMs) {
        if (ownerOfDatabase(this.#file) === null) await this.#options.takeWishes();
        if (!left.some((wish) => wish.isThere())) return;
        await sleep(clock, lookEveryMs);
      }
    } catch (error) {
      for (const wish of left) wish.takeBack();
      throw error;
    }
    if (left.filter((wish) => wish.takeBack()).length === 0) return;
    throw new UserError(
      t`The Livecue that uses ${this.#file} does not take streamers. Stop it, or start it again with "start --all".`,
    );
  }
}

function noOtherMachine(file: string, name: string): UserError {
  return new UserError(
    t`${file} is a file of this computer, so no other machine can capture @${name}. Several machines need a PostgreSQL database.`,
  );
}
