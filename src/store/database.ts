/** What differs between the two kinds of database. The store is written once, over this. */
import type { Deadline } from "../deadline.ts";
import type { HostBook } from "../host_book.ts";
import type { Ids } from "../ids.ts";
import type { OpenMachineLine } from "../watch_line.ts";
import type { Marks } from "./mark_box.ts";
import type { Pruner } from "./pruner.ts";
import type { Query, SqlValue } from "./query.ts";
import type { BoundOperation } from "./statements.ts";

/** Why a batch was not committed. `entry`: the operation that failed; null if no single one did. */
export interface WriteFailure {
  error: unknown;
  entry: BoundOperation | null;
  /** Whether the database can never store this operation, but all others. */
  isRefusal?: boolean;
}

/** A statement that is not one of the operations. */
export interface Statement {
  sql: string;
  values: readonly SqlValue[];
}

/** How a database is closed. */
export interface Ending {
  /** The operations that were never committed, in order. */
  unwritten: readonly BoundOperation[];
  /** Why they were not; null if nothing is known. */
  failure: Error | null;
}

/** A database that this process owns: nobody else writes to it, or to its part of it. */
export interface Database {
  /** Names the database in messages: a path, or an address without its password. */
  readonly name: string;
  /** Where `openReader` finds it: a path or an address. */
  readonly address: string;
  /** Reads committed rows in this thread: for reads by id. */
  readonly query: Query;
  readonly ids: Ids;
  readonly pruner: Pruner;
  readonly marks: Marks;
  /** Where hosts announce themselves; null in a database that other machines do not reach. */
  readonly hosts: HostBook | null;
  /** Opens the way for those who watch this machine's rooms; null in a database that other machines do not reach. */
  readonly openMachineLine: OpenMachineLine | null;
  /** Whether it is a file of this computer, whose pages a failing disk may damage. */
  readonly isFile: boolean;
  /** Whether others take ids of the same database, so that not each id is an event of this owner. */
  readonly sharesIds: boolean;
  /** Why the database is away at present, as a sentence for a person; null while it is there. */
  readonly away: string | null;
  /** Resolves when the database is there, at once if it is. */
  whenBack(): Promise<void>;
  /** Whether new events may begin: the database is there, and has ids for them and for all that follows from them. */
  readonly isReady: boolean;
  /** Resolves when it is ready, at once if it is. */
  whenReady(): Promise<void>;
  /** How many batches may be on their way. Their order is kept. */
  readonly batchesAtOnce: number;
  /**
   * Writes the operations in one transaction. Returns null when they are committed. `isSingly`: each by a statement of
   * its own, so that the `entry` of a failure is the one that failed.
   */
  write(
    batch: readonly BoundOperation[],
    isSingly: boolean,
  ): WriteFailure | null | Promise<WriteFailure | null>;
  /** Writes in a transaction of its own, immediately. Throws the database's errors. */
  execute(statements: readonly Statement[]): void | Promise<void>;
  /** The same with operations. */
  executeAll(operations: readonly BoundOperation[]): void | Promise<void>;
  /** A sentence for an error that a person can fix; null if the error is a bug. */
  troubleOf(error: unknown): string | null;
  /** Whether the database is no longer this process's own, so that writing is not tried again. */
  isLost(error: unknown): boolean;
  /** Whether a read failed because the database is away: it succeeds when the database is back. */
  isAway(error: unknown): boolean;
  /** Whether a read failed because the rows cannot be read at present, or not at all. */
  isUnreadable(error: unknown): boolean;
  /** Turns an error from reading or writing into a `UserError`, if a person can fix it. */
  explained(error: unknown): unknown;
  /** Ends what takes time to end, before `close`. */
  prepareClose(deadline: Deadline): Promise<void>;
  /**
   * Closes the connections, and gives up the ownership. Throws a `UserError` if something could not be written; it
   * says where that is kept.
   */
  close(ending: Ending): void | Promise<void>;
}
