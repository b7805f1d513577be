/** One room of a database file, over the writing connection of all rooms. */
import type { Ids } from "../../ids.ts";
import type { Database, Ending } from "../database.ts";
import type { Marks } from "../mark_box.ts";
import type { Pruner } from "../pruner.ts";
import type { Query } from "../query.ts";
import type { SqliteDatabase } from "./database.ts";

export interface SqliteRoomParts {
  marks: Marks;
  pruner: Pruner;
  /** Gets what could not be written. */
  onClose(ending: Ending): void;
}

export class SqliteRoom implements Database {
  readonly batchesAtOnce = 1;
  readonly isFile = true;
  readonly sharesIds = true;
  readonly hosts = null;
  readonly away = null;
  readonly openMachineLine = null;
  readonly isReady = true;
  readonly marks: Marks;
  readonly pruner: Pruner;
  readonly #file: SqliteDatabase;
  readonly #parts: SqliteRoomParts;

  constructor(file: SqliteDatabase, parts: SqliteRoomParts) {
    this.#file = file;
    this.#parts = parts;
    this.marks = parts.marks;
    this.pruner = parts.pruner;
  }

  get name(): string {
    return this.#file.name;
  }

  get address(): string {
    return this.#file.address;
  }

  get query(): Query {
    return this.#file.query;
  }

  get ids(): Ids {
    return this.#file.ids;
  }

  write(...given: Parameters<SqliteDatabase["write"]>): ReturnType<SqliteDatabase["write"]> {
    return this.#file.write(...given);
  }

  execute(...given: Parameters<SqliteDatabase["execute"]>): void {
    this.#file.execute(...given);
  }

  executeAll(...given: Parameters<SqliteDatabase["executeAll"]>): void {
    this.#file.executeAll(...given);
  }

  troubleOf(error: unknown): string | null {
    return this.#file.troubleOf(error);
  }

  isLost(error: unknown): boolean {
    return this.#file.isLost(error);
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
    return this.#file.isUnreadable(error);
  }

  explained(error: unknown): unknown {
    return this.#file.explained(error);
  }

  /** The file stays open for the other rooms. */
  prepareClose(): Promise<void> {
    return Promise.resolve();
  }

  close(ending: Ending): void {
    this.#parts.onClose(ending);
    if (ending.failure !== null) throw ending.failure;
  }
}
