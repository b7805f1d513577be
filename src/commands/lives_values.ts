/** Livecue's own values in the database of real lives, during a rehearsal, which has its own database. */
import type { KeptValues } from "../app/recent_users.ts";
import { systemClock } from "../clock.ts";
import type { Log } from "../log/log.ts";
import { ownerOfDatabase } from "../store/sqlite/lock.ts";
import { databaseFile } from "../store/sqlite/open.ts";
import { openStore } from "../store/open.ts";
import { openSqliteReader } from "../store/sqlite/reading.ts";
import { UserError } from "../user_error.ts";

export class LivesValues implements KeptValues {
  readonly #database: string;
  readonly #log: Log;

  constructor(database: string, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** null also if there is no such database yet. */
  keptValue(key: string): string | null {
    try {
      const opened = openSqliteReader(this.#database);
      try {
        return opened.reader.configValue(key);
      } finally {
        opened.close();
      }
    } catch (error) {
      if (error instanceof UserError) return null;
      throw error;
    }
  }

  /** A Livecue that captures a live meanwhile keeps its own values. */
  async keepValue(key: string, value: string): Promise<void> {
    if (this.keptValue(key) === null || ownerOfDatabase(databaseFile(this.#database)) !== null) return;
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
