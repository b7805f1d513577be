/** The readings' database in the commands that keep databases: `backup`, `restore`, `check` and `reset`. */
import { basename, dirname, extname, join } from "node:path";
import { sentenceOf } from "../app/readings_trouble.ts";
import { counted, noun, t } from "../language.ts";
import { readingsDatabase } from "../readings/file.ts";
import { checkReadingsFile, copyReadings } from "../readings/upkeep.ts";
import { type Lock, lockDatabase } from "../store/sqlite/lock.ts";
import { exists, makeNewFile } from "../store/new_file.ts";
import type { RestoredPart } from "../store/sqlite/restore.ts";
import { UserError } from "../user_error.ts";

/** The readings' database of a show; null if it has none. */
export function existingReadings(show: string): string | null {
  const file = readingsDatabase(show);
  return exists(file) ? file : null;
}

/** The copy of the readings beside the copy of a show: `copy.db` has `copy.readings.db`. */
export function copyOfReadings(copyOfShow: string): string {
  const extension = extname(copyOfShow);
  return join(dirname(copyOfShow), `${basename(copyOfShow, extension)}.readings${extension}`);
}

/** Returns a sentence about the copy. Throws a `UserError`. */
export function backUpReadings(file: string, target: string): string {
  const { readings, channels, faults } = explaining(
    file,
    () => makeNewFile(target, (temporary) => copyReadings(file, temporary)),
  );
  const has = t`${target} has ${counted(readings, noun("reading"))} of ${
    counted(channels, noun("channel"))
  }.`;
  return faults.length === 0
    ? `${has} ${t`The copy was checked and is complete.`}`
    : `${has} ${t`Problems:`}\n${faults.join("\n")}`;
}

/** The copy of a show's readings, to be put in their place. */
export function restoredReadings(backup: string, show: string): RestoredPart {
  const place = readingsDatabase(show);
  const copy = `${place}.restoring`;
  let lock: Lock | null = null;
  const prepare = () => {
    // Another database in the folder may share the readings.
    lock = lockDatabase(place);
    const { faults } = explaining(backup, () => copyReadings(backup, copy));
    if (faults.length > 0) {
      throw new UserError(t`${backup} is damaged, so nothing was restored: ${faults[0]}`);
    }
  };
  return { copy, place, prepare, release: () => lock?.release() };
}

/** Returns what is wrong with the file, and a sentence about it. Throws a `UserError`. */
export function checkReadingsOf(file: string): { sentence: string; faults: string[] } {
  const { readings, channels, faults } = explaining(file, () => checkReadingsFile(file));
  const has = t`${file}: ${counted(readings, noun("reading"))} of ${counted(channels, noun("channel"))}.`;
  return {
    sentence: `${has} ${faults.length === 0 ? t`Pages and packed readings are correct.` : t`Problems:`}`,
    faults,
  };
}

/** Deletes the file with its log. Throws a `UserError` if a process writes to it. */
export function deleteReadings(file: string): void {
  const lock = lockDatabase(file);
  try {
    for (const part of [file, `${file}-wal`, `${file}-shm`]) if (exists(part)) Deno.removeSync(part);
  } catch (error) {
    throw new UserError(
      t`${file} cannot be deleted: ${(error as Error).message}. Allow writing to its folder.`,
    );
  } finally {
    lock.release();
  }
}

function explaining<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const sentence = sentenceOf(file, error);
    throw sentence === null ? error : new UserError(sentence, { cause: error });
  }
}
