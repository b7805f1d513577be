/**
 * A browser's profile, in a temporary folder of its own. Next to each profile is a lock file, whose lock the system
 * releases when the program that holds it exits. A profile whose lock is free was left behind by a program that was
 * killed.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";

const lockEnding = ".lock";

export interface Profile {
  readonly path: string;
  /** To be called after its browser has exited. */
  remove(): Promise<void>;
}

/** Creates a profile in `folder`, and deletes those that were left behind there. */
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

/** A folder without a lock file was written again by a leftover process of a killed browser. */
async function removeLeftBehind(folder: string): Promise<void> {
  const names = (await readdir(folder)).map((name) => basename(name, lockEnding));
  for (const path of new Set(names.map((name) => join(folder, name)))) {
    using lock = await openIfExists(path + lockEnding);
    if (lock !== null && !await lock.tryLock(true)) continue;
    await removeFolder(path);
    await rm(path + lockEnding, { force: true });
  }
}

/** A browser's last processes may write for a moment after it has exited. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Another Livecue may delete it at the same time. */
async function openIfExists(path: string): Promise<Deno.FsFile | null> {
  try {
    return await Deno.open(path, { write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
