/** Writes batches of operations to SQLite, each in one transaction. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Statement, WriteFailure } from "../database.ts";
import type { BoundOperation, BoundValues } from "../statements.ts";
import type { WritableDatabase } from "../writer.ts";
import type { OwnFile } from "./own_file.ts";
import { inTransaction } from "./schema.ts";
import { Statements } from "./statements.ts";
import { breaksCheck, troubleSentence } from "./trouble.ts";

export interface TransactionsOptions {
  /** Checked before each commit; without it the file is not watched. */
  file?: OwnFile;
  /** Called once, when a row breaks the rules of its table: another program must have changed it. */
  onBrokenRow?: () => void;
}

export class Transactions implements WritableDatabase {
  /** Each commit has ended when `write` returns. */
  readonly batchesAtOnce = 1;
  readonly away = null;
  readonly #database: DatabaseSync;
  readonly #options: TransactionsOptions;
  readonly #statements: Statements;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  #hasReportedBrokenRow = false;

  constructor(database: DatabaseSync, options: TransactionsOptions = {}) {
    this.#database = database;
    this.#options = options;
    this.#statements = new Statements(database);
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
  }

  /** An UPDATE breaks a CHECK if another program changed the row. It is reported and written anyway. */
  write(batch: readonly BoundOperation[]): WriteFailure | null {
    const failure = this.#tryWriting(batch);
    const isUpdate = failure?.entry?.operation.kind.startsWith("insert_") === false;
    if (!isUpdate || !breaksCheck(failure?.error)) return failure;
    if (!this.#hasReportedBrokenRow) this.#options.onBrokenRow?.();
    this.#hasReportedBrokenRow = true;
    this.#database.exec("PRAGMA ignore_check_constraints = ON");
    try {
      return this.#tryWriting(batch);
    } finally {
      this.#database.exec("PRAGMA ignore_check_constraints = OFF");
    }
  }

  /** Throws SQLite's errors, and a `ForeignFileError`. */
  execute(statements: readonly Statement[]): void {
    this.#options.file?.check();
    inTransaction(this.#database, () => {
      for (const { sql, values } of statements) this.#database.prepare(sql).run(...values);
    });
  }

  /** As `execute`. */
  executeAll(operations: readonly BoundValues[]): void {
    inTransaction(this.#database, () => this.#statements.writeAll(operations));
  }

  troubleOf(error: unknown): string | null {
    return troubleSentence(error);
  }

  #tryWriting(batch: readonly BoundOperation[]): WriteFailure | null {
    const { file } = this.#options;
    let current: BoundOperation | null = null;
    try {
      file?.check();
      this.#begin.run();
      for (let index = 0; index < batch.length;) {
        current = batch[index] as BoundOperation;
        index += this.#statements.write(batch, index);
      }
      current = null;
      file?.mark();
      this.#commit.run();
    } catch (error) {
      // On a full disk, SQLite has already rolled back.
      if (this.#database.isTransaction) this.#rollback.run();
      return { error, entry: current };
    }
    file?.committed(batch.length);
    return null;
  }
}
