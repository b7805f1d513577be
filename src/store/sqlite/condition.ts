/** The condition of a database, for a check before a live. Changes nothing. */
import { accessSync, constants, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { ownerOfDatabase } from "./lock.ts";
import { databaseFile, inspect } from "./open.ts";

export interface DatabaseCondition {
  file: string;
  /** Bytes; null if there is no file yet. */
  size: number | null;
  /** The process of the Livecue that uses it; null if none does. */
  owner: string | null;
  /** Free bytes on its disk; null if unknown. */
  freeBytes: number | null;
}

/** Throws a `UserError` if Livecue could not use the database. */
export function conditionOf(path: string): DatabaseCondition {
  const file = databaseFile(path);
  inspect(file);
  const size = sizeOf(file);
  const folder = dirname(file);
  for (const needed of size === null ? [folder] : [folder, file]) {
    if (!isWritable(needed)) {
      throw new UserError(
        t`${needed} is not writable. Allow writing to it, or name another database in the config.`,
      );
    }
  }
  return { file, size, owner: ownerOfDatabase(file), freeBytes: freeBytesOf(folder) };
}

function sizeOf(file: string): number | null {
  try {
    return Deno.statSync(file).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function freeBytesOf(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
