/**
 * How a command has something changed while Livecue runs, which alone writes to its database file: it leaves a file in a
 * folder next to the database. Livecue takes it, and removes it when the change is stored. A crash in between leaves the
 * file for the next start.
 */
import { join } from "node:path";

/** A wish that waits. */
export interface Waiting<Wish> {
  wish: Wish;
  /** Removes it, because it is stored. */
  done(): void;
  /** Leaves it for a later look, because it cannot be stored at present. */
  keep(): void;
}

/** A wish that a command has left. */
export interface Left {
  isThere(): boolean;
  /** Takes it back. Returns whether it was still there. */
  takeBack(): boolean;
}

export class WishBox<Wish> {
  readonly #folder: string;
  readonly #isWish: (read: unknown) => read is Wish;
  /** Files whose wishes are being stored. */
  readonly #taken = new Set<string>();

  constructor(folder: string, isWish: (read: unknown) => read is Wish) {
    this.#folder = folder;
    this.#isWish = isWish;
  }

  leave(wish: Wish, at: number): Left {
    Deno.mkdirSync(this.#folder, { recursive: true });
    const name = `${String(at).padStart(15, "0")}-${crypto.randomUUID()}`;
    const path = join(this.#folder, `${name}.json`);
    // A rename, so that nobody reads half a file.
    Deno.writeTextFileSync(join(this.#folder, `${name}.new`), JSON.stringify(wish));
    Deno.renameSync(join(this.#folder, `${name}.new`), path);
    return { isThere: () => exists(path), takeBack: () => removeIfThere(path) };
  }

  /**
   * The wishes that wait, the oldest first, at most `limit`. A later call returns them only if they were kept. A file that cannot be read
   * is removed.
   */
  take(limit: number): Waiting<Wish>[] {
    const waiting: Waiting<Wish>[] = [];
    for (const name of this.#names().filter((each) => !this.#taken.has(each)).slice(0, limit)) {
      const path = join(this.#folder, name);
      const wish = this.#wishIn(path);
      if (wish === null) {
        removeIfThere(path);
        continue;
      }
      this.#taken.add(name);
      const done = () => {
        removeIfThere(path);
        this.#taken.delete(name);
      };
      waiting.push({ wish, done, keep: () => this.#taken.delete(name) });
    }
    return waiting;
  }

  #names(): string[] {
    try {
      return [...Deno.readDirSync(this.#folder)].map(({ name }) => name)
        .filter((name) => name.endsWith(".json")).sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  #wishIn(path: string): Wish | null {
    try {
      const read: unknown = JSON.parse(Deno.readTextFileSync(path));
      return this.#isWish(read) ? read : null;
    } catch {
      return null;
    }
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function removeIfThere(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
