/** What can be saved of a database whose file was taken away or written over while it was open. */
import { basename, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { freeName, makeNewFile } from "./new_file.ts";
import { inTransaction } from "./schema.ts";
import { openForWriting } from "./open.ts";
import { type BoundOperation, Statements } from "./statements.ts";

export interface RescueOptions {
  file: string;
  /** Still open; of a file that was moved, deleted or replaced it has all that was stored. */
  database: DatabaseSync;
  /** What was never stored, in order. */
  unwritten: readonly BoundOperation[];
  /** The content of the file is another's now, so that only `unwritten` can be saved. */
  isOverwritten: boolean;
  /** Makes another folder, and returns its path. */
  elsewhere: () => string;
}

/**
 * Saves it in a new file beside where the old one was, or in `elsewhere` where that cannot be, as where its disk was
 * taken away. Returns a sentence on where, or on why it could not.
 */
export function rescue(options: RescueOptions): string {
  const { file, unwritten, isOverwritten } = options;
  if (isOverwritten && unwritten.length === 0) return "Nothing waited to be written.";
  const ways = isOverwritten ? [saveUnwritten] : [saveAll, saveUnwritten];
  let why = "";
  for (const save of ways) {
    for (const name of [() => file, () => join(options.elsewhere(), basename(file))]) {
      try {
        return save(options, name());
      } catch (error) {
        why ||= error instanceof Error ? error.message : String(error);
      }
    }
  }
  return `${
    changes(unwritten.length)
  } that waited to be written are lost: they could not be saved either (${why}).`;
}

function saveAll({ database, unwritten }: RescueOptions, name: string): string {
  const path = freeName(`${name}.rescued`);
  makeNewFile(path, (temporary) => {
    database.prepare("VACUUM INTO ?").run(temporary);
    const copy = openForWriting(temporary, "full");
    try {
      inTransaction(copy, () => new Statements(copy).writeAll(unwritten));
    } finally {
      copy.close();
    }
  });
  return `${path} has all that was stored, and ${changes(unwritten.length)} that waited. To go on with it, ` +
    `start with --database ${path}.`;
}

function saveUnwritten({ unwritten }: RescueOptions, name: string): string {
  const path = freeName(`${name}.unwritten.jsonl`);
  const lines = unwritten.map(({ operation }) => `${JSON.stringify(operation)}\n`);
  makeNewFile(path, (temporary) => Deno.writeTextFileSync(temporary, lines.join("")));
  return `${changes(unwritten.length)} could not be written. ${path} has them, one a line.`;
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}
