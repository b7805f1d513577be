/**
 * A browser's profile, in a folder of its own that is thrown away. Each has a lock beside it, which the system
 * gives up with the program that holds it: a profile whose lock is free was left behind by one that was killed.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";

const lockEnding = ".lock";

export interface Profile {
  readonly path: string;
  /** Once its browser has ended. */
  remove(): Promise<void>;
}

/** Makes one in `folder`, and clears away those that were left there. */
export async function openProfile(folder: string): Promise<Profile> {
  await mkdir(folder, { recursive: true });
  await removeLeftBehind(folder);
  const path = join(folder, crypto.randomUUID());
  const lock = await Deno.open(path + lockEnding, { createNew: true, write: true });
  await lock.lock(true);
  return {
    path,
    async remove() {
      try {
        await removeFolder(path);
        await rm(path + lockEnding, { force: true });
      } finally {
        lock.close();
      }
    },
  };
}

/** A folder whose lock is gone was written once more by a process of a browser that had been killed. */
async function removeLeftBehind(folder: string): Promise<void> {
  const names = (await readdir(folder)).map((name) => basename(name, lockEnding));
  for (const path of new Set(names.map((name) => join(folder, name)))) {
    using lock = await openIfThere(path + lockEnding);
    if (lock !== null && !await lock.tryLock(true)) continue;
    await removeFolder(path);
    await rm(path + lockEnding, { force: true });
  }
}

/** A browser's last processes may write for a moment after it has ended. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Another Livecue may clear away at the same time. */
async function openIfThere(path: string): Promise<Deno.FsFile | null> {
  try {
    return await Deno.open(path, { write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
