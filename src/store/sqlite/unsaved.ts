/**
 * Keeps changes that Livecue could not write before it had to stop, in a file next to the database, one change per
 * line. The next start writes them. Ids have no gaps, so the first id in the file shows whether it continues this
 * database.
 */
import type { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { counted, noun, t } from "../../language.ts";
import { eventInsertColumns } from "../event_row.ts";
import { makeNewFile } from "../new_file.ts";
import { nextIdsIn } from "../next_ids.ts";
import { knownRooms } from "../rooms.ts";
import { SqliteQuery } from "./query.ts";
import { inTransaction, latestVersion } from "./schema.ts";
import { bind, type BoundOperation, type BoundValues, isStatement } from "../statements.ts";
import { Statements } from "./statements.ts";
import { troubleSentence } from "./trouble.ts";

/** The config key with the id of the file that was written last. */
const takenKey = "unsaved_taken";

interface Header {
  kind: "unsaved";
  /** The id of this file. */
  id: string;
  /** The version of the database's tables. */
  version: number;
  /** The number of lines that follow. */
  count: number;
}

/** The path of this database's file of unsaved changes. */
export function unsavedFile(database: string): string {
  return `${database}.unsaved.jsonl`;
}

/**
 * Keeps unwritten changes in a file next to the database, or in `elsewhere` if that fails. Returns a sentence about
 * what is kept, and where.
 */
export function keepUnsaved(
  operations: readonly BoundOperation[],
  { database, elsewhere }: { database: string; elsewhere: () => string },
): string {
  const what = t`Data that could not be stored (${describe(operations)})`;
  const home = unsavedFile(database);
  try {
    writeLines(home, operations);
    return t`${what} is kept in ${home}. The next start stores it.`;
  } catch (error) {
    try {
      const file = join(elsewhere(), "livecue.unsaved.jsonl");
      writeLines(file, operations);
      return t`${what} is kept in ${file}. Move that file to ${home} before the next start, which stores it.`;
    } catch {
      const why = error instanceof Error ? error.message : String(error);
      return t`${what} is lost: it could not be saved to a file either (${why}).`;
    }
  }
}

/** Writes the changes that the last stop could not write, in one transaction; null if there are none. */
export function takeUnsaved(
  database: DatabaseSync,
  path: string,
): { isTaken: boolean; sentence: string } | null {
  const file = unsavedFile(path);
  const text = textOf(file);
  if (text === null) return null;
  try {
    const { header, changes } = parse(text);
    if (
      new SqliteQuery(database).first(
        "SELECT 1 FROM config WHERE meta_key = ? AND meta_value = ?",
        takenKey,
        header.id,
      )
    ) {
      Deno.removeSync(file);
      return null;
    }
    inTransaction(database, () => {
      checkPlace(database, changes);
      const statements = new Statements(database);
      statements.writeAll(changes);
      statements.writeAll([bind({ kind: "set_config", key: takenKey, value: header.id })]);
    });
    Deno.removeSync(file);
    return {
      isTaken: true,
      sentence: t`Data that the last stop could not store (${describe(changes)}) is now stored.`,
    };
  } catch (error) {
    // A temporary error leaves the file for the next start. For any other error nothing is stored, and the file is
    // set aside.
    if (troubleSentence(error) !== null) throw error;
    const aside = `${file}.${crypto.randomUUID().slice(0, 8)}`;
    Deno.renameSync(file, aside);
    const why = error instanceof Error ? error.message : String(error);
    return {
      isTaken: false,
      sentence:
        t`Data that the last stop could not store does not fit this database (${why}). It is kept in ${aside}.`,
    };
  }
}

/** Throws if the file exists. */
function writeLines(path: string, operations: readonly BoundOperation[]): void {
  const header: Header = {
    kind: "unsaved",
    id: crypto.randomUUID(),
    version: latestVersion,
    count: operations.length,
  };
  const lines = [header, ...operations.map(({ name, values }) => ({ name, values }))];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  makeNewFile(path, (temporary) => Deno.writeTextFileSync(temporary, text));
}

function parse(text: string): { header: Header; changes: BoundValues[] } {
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const header = JSON.parse(first) as Header;
  if (header?.kind !== "unsaved") throw new Error(t`it was not written by Livecue`);
  if (header.version !== latestVersion) throw new Error(t`it was written by another version of Livecue`);
  if (header.count !== lines.length) throw new Error(t`it has ${lines.length} of ${header.count} lines`);
  const changes = lines.map((line) => JSON.parse(line) as BoundValues);
  for (const { name, values } of changes) {
    if (!isStatement(name) || !Array.isArray(values)) {
      throw new Error(t`it has a line of an unknown kind: ${name}`);
    }
  }
  return { header, changes };
}

/**
 * Throws unless the ids of the new rows continue those of the database. Of several rooms, some may have been able to
 * write later than others; then a row that is there already fails by itself.
 */
function checkPlace(database: DatabaseSync, changes: readonly BoundValues[]): void {
  const query = new SqliteQuery(database);
  const next = nextIdsIn(query);
  const hasRooms = query.first(`${knownRooms} LIMIT 1`) !== null;
  const tables: [expected: number, isNewRow: (change: BoundValues) => boolean][] = [
    [next.event, isEvent],
    [next.session, ({ name }) => name === "openSession"],
    [next.live, ({ name }) => name === "openLive"],
  ];
  for (const [expected, isNewRow] of tables) {
    const ids = changes.filter(isNewRow).map(({ values }) => Number(values[0]));
    const first = ids.reduce((lowest, id) => Math.min(lowest, id), Infinity);
    if (first !== Infinity && first !== expected && !(hasRooms && first < expected)) {
      throw new Error(t`the database has changed since then`);
    }
  }
}

function isEvent({ name }: BoundValues): boolean {
  return name in eventInsertColumns;
}

/** "12 events and 40 other changes". */
function describe(changes: readonly BoundValues[]): string {
  const events = changes.filter(isEvent).length;
  const others = changes.length - events;
  if (events === 0) return others === 0 ? "" : counted(others, noun("change"));
  const told = counted(events, noun("event"));
  return others === 0 ? told : t`${told} and ${counted(others, noun("other change"))}`;
}

function textOf(file: string): string | null {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
