/** Livecue's own values in the database of real lives, during a rehearsal, which has its own database. */
import type { DistantValues } from "../app/recent_users.ts";
import { systemClock } from "../clock.ts";
import { isPostgresAddress } from "../database_address.ts";
import type { Log } from "../log/log.ts";
import { openStore } from "../store/open.ts";
import { openReader } from "../store/open_reader.ts";
import type { OpenReader } from "../store/reader.ts";
import { openSqliteReader } from "../store/sqlite/reading.ts";
import { isInUse } from "../store/usage.ts";
import { UserError } from "../user_error.ts";

export class LivesValues implements DistantValues {
  readonly #database: string;
  readonly #log: Log;

  constructor(database: string, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** null also if there is no such database yet, or if it cannot be reached. */
  keptValue(key: string): string | null | Promise<string | null> {
    try {
      if (!isPostgresAddress(this.#database)) return valueIn(openSqliteReader(this.#database), key);
      return openReader(this.#database).then((opened) => valueIn(opened, key)).catch(noneIfUnusable);
    } catch (error) {
      return noneIfUnusable(error);
    }
  }

  /** A Livecue that captures a live meanwhile keeps its own values. */
  async keepValue(key: string, value: string): Promise<void> {
    if (await this.keptValue(key) === null || await isInUse(this.#database)) return;
    const owned = await openStore({
      address: this.#database,
      durability: "normal",
      clock: systemClock,
      log: this.#log,
    });
    owned.writer.add({ kind: "set_config", key, value });
    await owned.stop();
  }
}

function valueIn(opened: OpenReader, key: string): string | null {
  try {
    return opened.reader.configValue(key);
  } finally {
    opened.close();
  }
}

function noneIfUnusable(error: unknown): null {
  if (error instanceof UserError) return null;
  throw error;
}
