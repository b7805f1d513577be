/** A service's folder and database, created on first use, because most services need neither. */
import { type DatabaseSync, type Migration, openDatabase, shrinkDatabase } from "../kit/database.ts";
import type { ServiceData } from "../kit/service.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

export class OwnData implements ServiceData {
  readonly #path: string;
  #isMade = false;
  #database: DatabaseSync | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  get folder(): string {
    if (!this.#isMade) makeFolder(this.#path);
    this.#isMade = true;
    return this.#path;
  }

  /** Later calls return the same database. */
  database(migrations: readonly Migration[]): DatabaseSync {
    this.#database ??= openDatabase(`${this.folder}/data.db`, migrations);
    return this.#database;
  }

  /** Gives free pages of the database back to the disk, if it is open. What cannot be given back now stays for later. */
  shrink(how: { isShared: boolean }): void {
    try {
      if (this.#database?.isOpen) shrinkDatabase(this.#database, how);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")) throw error;
    }
  }

  close(): void {
    if (this.#database?.isOpen) this.#database.close();
    this.#database = null;
  }
}

/** Throws a `UserError`. */
export function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      t`the service's folder ${path} cannot be created (${why}): create it, or let Livecue write to the folder above it`,
    );
  }
}
