/** Saves what it can of a database whose file was removed or overwritten while it was open. */
import { basename, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { counted, noun, t } from "../../language.ts";
import { freeName, makeNewFile } from "../new_file.ts";
import { inTransaction } from "./schema.ts";
import { openForWriting } from "./open.ts";
import type { BoundOperation } from "../statements.ts";
import { Statements } from "./statements.ts";

export interface RescueOptions {
  file: string;
  /** Still open. If the file was moved, deleted or replaced, it has everything that was stored. */
  database: DatabaseSync;
  /** The changes that were never stored, in order. */
  unwritten: readonly BoundOperation[];
  /** The content of the file was overwritten, so only `unwritten` can be saved. */
  isOverwritten: boolean;
  /** Creates another folder and returns its path. */
  elsewhere: () => string;
}

/**
 * Saves to a new file in the folder of the old one, or in `elsewhere` if that fails, as when its disk was removed.
 * Returns a sentence that says where the data is, or why it could not be saved.
 */
export function rescue(options: RescueOptions): string {
  const { file, unwritten, isOverwritten } = options;
  if (isOverwritten && unwritten.length === 0) return t`No changes were waiting to be written.`;
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
  return t`${changes(unwritten.length)} waiting to be written could not be saved and are lost (${why}).`;
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
  return t`${path} has everything that was stored, and ${
    changes(unwritten.length)
  } that waited. To continue with it, start with --database ${path}.`;
}

function saveUnwritten({ unwritten }: RescueOptions, name: string): string {
  const path = freeName(`${name}.unwritten.jsonl`);
  const lines = unwritten.map(({ operation }) => `${JSON.stringify(operation)}\n`);
  makeNewFile(path, (temporary) => Deno.writeTextFileSync(temporary, lines.join("")));
  return t`${changes(unwritten.length)} could not be written. ${path} has them, one per line.`;
}

function changes(count: number): string {
  return counted(count, noun("change"));
}
