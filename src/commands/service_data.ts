/** What services keep in folders of their own, in `backup` and `restore`. */
import { basename, dirname, extname, join } from "node:path";
import { counted, noun, t } from "../language.ts";
import { copyFolder, databaseInUse, type FolderCopy } from "../store/sqlite/folder_copy.ts";
import { exists } from "../store/new_file.ts";
import type { RestoredPart } from "../store/sqlite/restore.ts";
import { UserError } from "../user_error.ts";

/** The copy of the services' data beside the copy of a show: `copy.db` has `copy.data`. */
export function copyOfData(copyOfShow: string): string {
  return join(dirname(copyOfShow), `${basename(copyOfShow, extname(copyOfShow))}.data`);
}

/** Whether a service keeps anything. */
export function hasData(folder: string): boolean {
  return exists(folder) && !Deno.readDirSync(folder)[Symbol.iterator]().next().done;
}

/** Copies to a new folder, while services may be at work. Returns sentences about the copy. Throws a `UserError`. */
export function backUpData(folder: string, target: string): { sentence: string; faults: string[] } {
  const part = `${target}.part`;
  try {
    removeFolder(part);
    const copy = copying(folder, part);
    Deno.renameSync(part, target);
    return { sentence: contentOf(target, copy), faults: copy.faults };
  } finally {
    removeFolder(part);
  }
}

/** The copy of the services' data, to be put in its place. */
export function restoredData(backup: string, place: string): RestoredPart {
  const copy = `${place}.restoring`;
  const prepare = () => {
    const inUse = databaseInUse(place);
    if (inUse !== null) {
      throw new UserError(t`${inUse} is in use. Stop Livecue and the commands of its services first.`);
    }
    const { faults } = copying(backup, copy);
    if (faults.length > 0) {
      throw new UserError(t`The backup is damaged, so nothing was restored: ${faults[0]}`);
    }
  };
  return { copy, place, prepare };
}

function copying(from: string, to: string): FolderCopy {
  try {
    return copyFolder(from, to);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(t`${from} cannot be copied: ${error.message}. Nothing was changed.`, {
      cause: error,
    });
  }
}

function contentOf(folder: string, { files, databases, bytes }: FolderCopy): string {
  const owners = [...Deno.readDirSync(folder)].map(({ name }) => name).sort().join(", ");
  const megabytes = (bytes / 1_000_000).toFixed(1);
  const all = counted(files, noun("file"));
  const some = counted(databases, noun("database"));
  return databases === 0
    ? t`${folder} has what services keep (${owners}): ${all} (${megabytes} MB).`
    : t`${folder} has what services keep (${owners}): ${all}, ${some} among them (${megabytes} MB).`;
}

function removeFolder(path: string): void {
  if (exists(path)) Deno.removeSync(path, { recursive: true });
}
