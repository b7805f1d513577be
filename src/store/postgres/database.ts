/** One room of a PostgreSQL database, which this machine owns as long as it holds the room's lock. */
import type { Deadline } from "../../deadline.ts";
import type { HostBook } from "../../host_book.ts";
import type { Ids } from "../../ids.ts";
import { counted, noun, t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import type { OpenMachineLine } from "../../watch_line.ts";
import type { Database, Ending, Statement, WriteFailure } from "../database.ts";
import type { Marks } from "../mark_box.ts";
import type { Pruner } from "../pruner.ts";
import type { Query } from "../query.ts";
import type { BoundOperation, BoundValues } from "../statements.ts";
import type { Engine } from "./engine.ts";
import type { PostgresQuery } from "./query.ts";
import { BatchError, DatabaseAway, explained, isRefusal, RoomLost, troubleSentence } from "./trouble.ts";

export interface RoomParts {
  room: string;
  address: string;
  engine: Engine;
  query: PostgresQuery;
  marks: Marks;
  hosts: HostBook;
  openMachineLine: OpenMachineLine;
  pruner: Pruner;
  /** Resolves when the database is there, at once if it is. */
  whenBack(): Promise<void>;
  /** Resolves when it is there and new events may begin. */
  whenReady(): Promise<void>;
  /** Gives up the room, and whatever else was opened for it. */
  release(deadline: Deadline | null): Promise<void>;
}

export class PostgresDatabase implements Database {
  /** While the server commits one batch it has the next one. It commits one at a time, so more would only be smaller. */
  readonly batchesAtOnce = 2;
  readonly isFile = false;
  readonly sharesIds = true;
  readonly query: Query;
  readonly marks: Marks;
  readonly hosts: HostBook;
  readonly openMachineLine: OpenMachineLine;
  readonly pruner: Pruner;
  readonly #parts: RoomParts;
  #deadline: Deadline | null = null;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.query = parts.query;
    this.marks = parts.marks;
    this.hosts = parts.hosts;
    this.openMachineLine = parts.openMachineLine;
    this.pruner = parts.pruner;
  }

  get name(): string {
    return this.#parts.engine.name;
  }

  get address(): string {
    return this.#parts.address;
  }

  get ids(): Ids {
    return this.#parts.engine.ids;
  }

  get away(): string | null {
    const { engine, query } = this.#parts;
    return engine.trouble ?? (query.isAway ? new DatabaseAway().message : null);
  }

  whenBack(): Promise<void> {
    return this.#parts.whenBack();
  }

  get isReady(): boolean {
    return this.away === null && !this.#parts.engine.ids.areLow;
  }

  whenReady(): Promise<void> {
    return this.#parts.whenReady();
  }

  /** While the database is away, it resolves when the database is back. */
  async write(batch: readonly BoundOperation[], isSingly: boolean): Promise<WriteFailure | null> {
    const { engine, room } = this.#parts;
    try {
      await engine.write(batch, room, isSingly);
      return null;
    } catch (error) {
      const index = error instanceof BatchError ? error.index : null;
      const entry = index === null ? null : batch[index] ?? null;
      return { error, entry, isRefusal: entry !== null && isRefusal(error) };
    }
  }

  async execute(statements: readonly Statement[]): Promise<void> {
    if (statements.length > 0) await this.#parts.engine.execute(statements, this.#parts.room);
  }

  async executeAll(operations: readonly BoundValues[]): Promise<void> {
    if (operations.length > 0) await this.#parts.engine.write(operations, this.#parts.room);
  }

  troubleOf(error: unknown): string | null {
    return error instanceof RoomLost ? error.message : troubleSentence(error);
  }

  isLost(error: unknown): boolean {
    return error instanceof RoomLost;
  }

  isAway(error: unknown): boolean {
    return error instanceof DatabaseAway;
  }

  isUnreadable(error: unknown): boolean {
    return this.isAway(error);
  }

  explained(error: unknown): unknown {
    return explained(this.name, error);
  }

  prepareClose(deadline: Deadline): Promise<void> {
    this.#deadline = deadline;
    return Promise.resolve();
  }

  async close({ unwritten, failure }: Ending): Promise<void> {
    await this.#parts.release(this.#deadline);
    // Of a room that another machine has taken over, only events are missed: it has closed the sessions itself.
    const isLost = failure !== null && failure.cause instanceof RoomLost;
    const missed = isLost
      ? unwritten.filter(({ operation }) => operation.kind === "insert_event")
      : unwritten;
    if (missed.length > 0) {
      const what = isLost ? counted(missed.length, noun("event")) : counted(missed.length, noun("change"));
      const sentence = t`What was not stored in ${this.name} is lost: ${what}.`;
      throw new UserError(failure === null ? sentence : `${failure.message} ${sentence}`, { cause: failure });
    }
    if (failure !== null && !isLost) throw failure;
  }
}
