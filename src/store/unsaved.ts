/**
 * What could not be written when Livecue had to stop: kept in a file beside the database, one change a line, until the
 * next start writes it. Ids are given without gaps, so the first of the file says which database it goes on.
 */
import type { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { eventInserts } from "./event_row.ts";
import { makeNewFile } from "./new_file.ts";
import { Query } from "./query.ts";
import { inTransaction, latestVersion } from "./schema.ts";
import { type BoundOperation, type BoundValues, isStatement, Statements } from "./statements.ts";
import { troubleSentence } from "./trouble.ts";

/** In the database: which file was written into it last. */
const takenKey = "unsaved_taken";

interface Header {
  kind: "unsaved";
  /** Of this file. */
  id: string;
  /** Of the database's tables. */
  version: number;
  /** Lines that follow. */
  count: number;
}

/** The file of this database. */
export function unsavedFile(database: string): string {
  return `${database}.unsaved.jsonl`;
}

/**
 * Keeps changes that could not be written, beside the database or, where that cannot be, in `elsewhere`. Returns a
 * sentence that says what they are, and where.
 */
export function keepUnsaved(
  operations: readonly BoundOperation[],
  { database, elsewhere }: { database: string; elsewhere: () => string },
): string {
  const what = `What could not be stored (${describe(operations)})`;
  const home = unsavedFile(database);
  try {
    writeLines(home, operations);
    return `${what} is kept in ${home}: the next start takes it in.`;
  } catch (error) {
    try {
      const file = join(elsewhere(), "livecue.unsaved.jsonl");
      writeLines(file, operations);
      return `${what} is kept in ${file}: move that file to ${home} before the next start, which takes it in.`;
    } catch {
      const why = error instanceof Error ? error.message : String(error);
      return `${what} could not be kept in a file either (${why}) and is lost.`;
    }
  }
}

/** Writes into the database what the last stop could not, in one transaction; null where there is nothing. */
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
      new Query(database).first(
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
      statements.writeAll([statements.bind({ kind: "set_config", key: takenKey, value: header.id })]);
    });
    Deno.removeSync(file);
    return {
      isTaken: true,
      sentence: `What the last stop could not store (${describe(changes)}) is stored now.`,
    };
  } catch (error) {
    // What passes is for the next start; what does not is put aside, and nothing of it is in the database.
    if (troubleSentence(error) !== null) throw error;
    const aside = `${file}.${crypto.randomUUID().slice(0, 8)}`;
    Deno.renameSync(file, aside);
    const why = error instanceof Error ? error.message : String(error);
    return {
      isTaken: false,
      sentence:
        `What the last stop could not store does not fit this database (${why}). It is kept in ${aside}.`,
    };
  }
}

/** Throws where there is a file of that name already. */
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
  if (header?.kind !== "unsaved") throw new Error("it was not written by Livecue");
  if (header.version !== latestVersion) throw new Error("it was written by another version of Livecue");
  if (header.count !== lines.length) throw new Error(`it has ${lines.length} of ${header.count} lines`);
  const changes = lines.map((line) => JSON.parse(line) as BoundValues);
  for (const { name, values } of changes) {
    if (!isStatement(name) || !Array.isArray(values)) {
      throw new Error(`it has a line of an unknown kind: ${name}`);
    }
  }
  return { header, changes };
}

/** The ids of new rows go on where the database ends. */
function checkPlace(database: DatabaseSync, changes: readonly BoundValues[]): void {
  const query = new Query(database);
  const tables: [table: string, isNewRow: (change: BoundValues) => boolean][] = [
    ["live_event", isEvent],
    ["live_session", ({ name }) => name === "openSession"],
    ["live", ({ name }) => name === "openLive"],
  ];
  for (const [table, isNewRow] of tables) {
    const first = changes.find(isNewRow);
    if (first === undefined) continue;
    const highest = query.first<{ id: number | null }>(`SELECT max(id) AS id FROM ${table}`)?.id ?? 0;
    if (first.values[0] !== highest + 1) throw new Error("the database was changed since");
  }
}

function isEvent({ name }: BoundValues): boolean {
  return name in eventInserts;
}

/** "12 events and 40 other changes". */
function describe(changes: readonly BoundValues[]): string {
  const events = changes.filter(isEvent).length;
  const others = changes.length - events;
  const parts = [
    events > 0 && `${events} event${events === 1 ? "" : "s"}`,
    others > 0 && `${others} ${events > 0 ? "other " : ""}change${others === 1 ? "" : "s"}`,
  ].filter((part) => part !== false);
  return parts.join(" and ");
}

function textOf(file: string): string | null {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
