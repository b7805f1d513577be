/** Looks for damaged pages in the background of a run: in all of a small file, in the newest rows of a large one. */
import type { DatabaseSync } from "node:sqlite";
import { isDamage } from "./trouble.ts";

/** A file of this size is checked in less than a second. */
const smallFileBytes = 64 * 1024 * 1024;
/** Rows checked per table of a larger file. */
const newestRows = 20_000;

/** A sentence for the log; null if no damage was found. */
export function findDamage(database: DatabaseSync): string | null {
  try {
    const found = isSmall(database) ? quickCheck(database) : lookAtNewest(database);
    return found === null ? null : sentenceOf(found);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return sentenceOf((error as Error).message);
  }
}

function sentenceOf(found: string): string {
  return `The database is damaged (SQLite says: ${
    findingsIn(found)[0]
  }). Livecue uses what can still be read. ` +
    'The command "check" lists the damage; "repair FILE" copies what can be read into a new file.';
}

/** The findings of SQLite's page check, without the headline that names the database. */
export function findingsIn(text: string): string[] {
  return text.split("\n").filter((line) => !line.startsWith("***"));
}

function isSmall(database: DatabaseSync): boolean {
  const number = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0]);
  return number("page_count") * number("page_size") <= smallFileBytes;
}

function quickCheck(database: DatabaseSync): string | null {
  const found = String(database.prepare("PRAGMA quick_check(1)").get()?.quick_check);
  return found === "ok" ? null : found;
}

function lookAtNewest(database: DatabaseSync): null {
  for (const table of ["live", "live_session", "service", "live_event", "event_queue"]) {
    const rows = `SELECT * FROM ${table} ORDER BY id DESC LIMIT ${newestRows}`;
    database.prepare(`SELECT count(*) AS count, max(id) AS id FROM (${rows})`).get();
  }
  return null;
}
