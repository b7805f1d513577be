/** An SQLite file that this process owns: it holds the lock, and has brought the tables up to date. */
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Deadline } from "../../deadline.ts";
import { CountedIds, type Ids } from "../../ids.ts";
import { t, translated } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import type { Database, Ending } from "../database.ts";
import { MarkBox, type Marks } from "../mark_box.ts";
import { nextIdsIn } from "../next_ids.ts";
import type { Pruner } from "../pruner.ts";
import type { Query } from "../query.ts";
import type { OpenReader } from "../reader.ts";
import type { BoundOperation } from "../statements.ts";
import type { StoreOptions } from "../store.ts";
import { completeExchange } from "./exchange.ts";
import { setAsideForeignLog } from "./leftover_log.ts";
import { type Lock, lockDatabase } from "./lock.ts";
import { databaseFile, inspect, openForWriting } from "./open.ts";
import { OwnFile } from "./own_file.ts";
import { SqlitePruner } from "./prune.ts";
import { reopenSqliteReader } from "./reading.ts";
import { rescue } from "./rescue.ts";
import { Transactions } from "./transactions.ts";
import { brokenRowSentence, explainedFully, explaining, ForeignFileError, isUnreadable } from "./trouble.ts";
import { keepUnsaved, takeUnsaved } from "./unsaved.ts";

/** The part of a stop's time that is reserved for saving unwritten changes to a file. */
const keepingMs = 750;

export type SqliteOptions = Pick<StoreOptions, "address" | "durability" | "clock" | "log">;

/**
 * Becomes the owner of a database file, and creates or migrates it. Throws a `UserError` if another process owns it,
 * or if the file is not a database that this Livecue can use. The file is unchanged then.
 */
export function openSqlite(options: SqliteOptions): SqliteDatabase {
  const file = databaseFile(options.address);
  inspect(file);
  const lock = lockDatabase(file);
  let database: DatabaseSync | null = null;
  try {
    return explaining(file, () => {
      if (completeExchange(file)) options.log.warn(t`The restore that was interrupted is complete now.`);
      const setAside = setAsideForeignLog(file);
      if (setAside !== null) options.log.warn(setAside);
      database = openForWriting(file, options.durability, (sentence) => options.log.info(sentence));
      const unsaved = takeUnsaved(database, file);
      if (unsaved !== null) options.log[unsaved.isTaken ? "info" : "error"](unsaved.sentence);
      return new SqliteDatabase({ file, lock, database, options });
    });
  } catch (error) {
    (database as DatabaseSync | null)?.close();
    lock.release();
    throw error;
  }
}

interface Parts {
  file: string;
  lock: Lock;
  database: DatabaseSync;
  options: SqliteOptions;
}

export class SqliteDatabase implements Database {
  readonly name: string;
  readonly query: Query;
  readonly ids: Ids;
  readonly pruner: Pruner;
  readonly marks: Marks;
  readonly batchesAtOnce = 1;
  readonly isFile = true;
  readonly sharesIds = false;
  readonly hosts = null;
  readonly openMachineLine = null;
  readonly away = null;
  readonly isReady = true;
  readonly #lock: Lock;
  readonly #database: DatabaseSync;
  /** Reads by id have a connection of their own. */
  readonly #reading: OpenReader;
  readonly #ownFile: OwnFile;
  readonly #transactions: Transactions;
  readonly #monotonic: () => number;

  constructor({ file, lock, database, options }: Parts) {
    const { address, durability, clock, log } = options;
    this.name = file;
    this.#lock = lock;
    this.#database = database;
    const warn = (sentence: string) => log.warn(sentence);
    this.#ownFile = new OwnFile({ path: resolve(address), file, database, durability, clock, warn });
    const onBrokenRow = () => warn(translated(brokenRowSentence));
    this.#transactions = new Transactions(database, { file: this.#ownFile, onBrokenRow });
    this.#reading = reopenSqliteReader(file);
    this.query = this.#reading.query;
    this.marks = new MarkBox(file);
    this.ids = new CountedIds(nextIdsIn(this.query));
    this.#monotonic = () => clock.monotonic();
    this.pruner = this.prunerOf(null);
  }

  /** Of one streamer's room; null: of all. */
  prunerOf(streamer: string | null): Pruner {
    return new SqlitePruner({
      database: this.#database,
      ownFile: this.#ownFile,
      streamer,
      monotonic: this.#monotonic,
    });
  }

  /** The real path of the file. */
  get address(): string {
    return this.name;
  }

  write(batch: readonly BoundOperation[]): ReturnType<Transactions["write"]> {
    return this.#transactions.write(batch);
  }

  execute(...given: Parameters<Transactions["execute"]>): void {
    this.#transactions.execute(...given);
  }

  executeAll(...given: Parameters<Transactions["executeAll"]>): void {
    this.#transactions.executeAll(...given);
  }

  troubleOf(error: unknown): string | null {
    return this.#transactions.troubleOf(error);
  }

  isLost(error: unknown): boolean {
    return error instanceof ForeignFileError;
  }

  isAway(): boolean {
    return false;
  }

  whenBack(): Promise<void> {
    return Promise.resolve();
  }

  whenReady(): Promise<void> {
    return Promise.resolve();
  }

  isUnreadable(error: unknown): boolean {
    return isUnreadable(error);
  }

  explained(error: unknown): unknown {
    return explainedFully(this.name, error);
  }

  /** Ends the thread that checkpoints. */
  async prepareClose(deadline: Deadline): Promise<void> {
    await deadline.wait("the database", this.#ownFile.stopThread(), { leavesMs: keepingMs });
  }

  close({ unwritten, failure }: Ending): void {
    try {
      // If another program still has a lock, the stop has waited long enough for it.
      this.#database.prepare("PRAGMA busy_timeout = 0").get();
      const lost = this.#ownFile.end();
      if (lost !== null) throw new UserError(`${lost} ${this.#saveElsewhere(unwritten)}`);
      if (unwritten.length > 0) throw this.#keep(unwritten, failure);
      if (failure !== null) throw failure;
    } finally {
      this.#reading.close();
      this.#ownFile.close();
      this.#lock.release();
    }
  }

  #saveElsewhere(unwritten: readonly BoundOperation[]): string {
    const { isOverwritten } = this.#ownFile;
    const elsewhere = otherFolder;
    return rescue({ file: this.name, database: this.#database, unwritten, isOverwritten, elsewhere });
  }

  #keep(unwritten: readonly BoundOperation[], reason: Error | null): Error {
    const sentence = keepUnsaved(unwritten, { database: this.name, elsewhere: otherFolder });
    const text = reason === null ? sentence : `${reason.message} ${sentence}`;
    const isBug = reason !== null && !(reason instanceof UserError);
    return isBug ? new Error(text, { cause: reason }) : new UserError(text, { cause: reason });
  }
}

function otherFolder(): string {
  return Deno.makeTempDirSync({ prefix: "livecue-" });
}
