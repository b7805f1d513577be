/**
 * How a command changes what a person wrote about a viewer while Livecue runs, which alone writes to the database: it
 * leaves a file in a folder next to the database. Livecue takes it, and removes it when the change is stored. A crash in
 * between leaves the file for the next start.
 */
import { join } from "node:path";
import type { OperationLog } from "../operation.ts";
import type { ViewerMark } from "../viewer.ts";

/** More are left for the next look. */
const takenAtOnce = 100;

/** Where changes of viewers wait until the owner of the database stores them. */
export interface Marks {
  /** Leaves a change. Returns whether it is still there. */
  leave(mark: ViewerMark, at: number): () => boolean;
  /** Adds the changes that wait, the oldest first, and returns them. */
  take(operations: OperationLog): ViewerMark[];
}

export class MarkBox implements Marks {
  readonly #folder: string;
  /** Files whose changes are being stored. */
  readonly #taken = new Set<string>();

  /** `database`: the path of the database file. */
  constructor(database: string) {
    this.#folder = `${database}.marks`;
  }

  /** Leaves a change. Returns whether it is still there. */
  leave(mark: ViewerMark, at: number): () => boolean {
    Deno.mkdirSync(this.#folder, { recursive: true });
    const name = `${String(at).padStart(15, "0")}-${crypto.randomUUID()}`;
    const path = join(this.#folder, `${name}.json`);
    // A rename, so that nobody reads half a file.
    Deno.writeTextFileSync(join(this.#folder, `${name}.new`), JSON.stringify(mark));
    Deno.renameSync(join(this.#folder, `${name}.new`), path);
    return () => exists(path);
  }

  /**
   * Adds the changes that wait, the oldest first, and returns them. A file is removed when its change is stored, or if it
   * cannot be read.
   */
  take(operations: OperationLog): ViewerMark[] {
    const marks: ViewerMark[] = [];
    for (const name of this.#names().filter((each) => !this.#taken.has(each)).slice(0, takenAtOnce)) {
      const path = join(this.#folder, name);
      const mark = markIn(path);
      if (mark === null) removeIfThere(path);
      else {
        marks.push(mark);
        this.#taken.add(name);
        operations.add({ kind: "mark_viewer", mark }, () => {
          removeIfThere(path);
          this.#taken.delete(name);
        });
      }
    }
    return marks;
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
}

function markIn(path: string): ViewerMark | null {
  try {
    const read: unknown = JSON.parse(Deno.readTextFileSync(path));
    return isMark(read) ? read : null;
  } catch {
    return null;
  }
}

function isMark(read: unknown): read is ViewerMark {
  if (typeof read !== "object" || read === null) return false;
  const { platform, userId, note, isBlocked } = read as Record<string, unknown>;
  return typeof platform === "string" && typeof userId === "string" && userId !== "" &&
    (note === undefined || note === null || typeof note === "string") &&
    (isBlocked === undefined || typeof isBlocked === "boolean");
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
