/** The running service's address and token, for its commands. */
import type { DatabaseSync } from "livecue/service";

export interface Door {
  url: string;
  /** The generated token; "" if the options have one. */
  token: string;
}

/** null before the service's first start. */
export function doorOf(database: DatabaseSync): Door | null {
  const row = database.prepare("SELECT url, token FROM door").get();
  return row === undefined ? null : { url: String(row["url"]), token: String(row["token"]) };
}

export function keepDoor(database: DatabaseSync, { url, token }: Door): void {
  database.exec("BEGIN IMMEDIATE; DELETE FROM door");
  database.prepare("INSERT INTO door VALUES (?, ?)").run(url, token);
  database.exec("COMMIT");
}
