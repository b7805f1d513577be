import { dirname, join } from "node:path";
import { FinalError, UserError } from "livecue/service";
import { hashFile, pieces } from "./hashed.ts";
import {
  type ByteRange,
  checkName,
  type FileToStore,
  type OpenedFile,
  type Storage,
  type StoredFile,
  type Work,
} from "./storage.ts";

/** Stores files below a folder. A file appears under its name only when it is complete and on the disk. */
export class FolderStorage implements Storage {
  readonly #folder: string;

  /** The folder's absolute path; `check` creates it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async check(_signal: AbortSignal): Promise<void> {
    const file = join(this.#folder, `.${crypto.randomUUID()}.part`);
    await this.#explain("is not writable", async () => {
      await Deno.mkdir(this.#folder, { recursive: true });
      await Deno.writeTextFile(file, "");
      await Deno.remove(file);
    });
  }

  async put({ path, name }: FileToStore, { signal, onProgress }: Work): Promise<StoredFile> {
    const target = this.#path(name);
    return await this.#explain(`cannot store ${name}`, async () => {
      const source = await hashFile(path, signal);
      const stored = { name, ...source };
      await this.#checkInside(target);
      if (await isThere(target) && (await hashFile(target, signal)).sha256 === source.sha256) return stored;
      await Deno.mkdir(dirname(target), { recursive: true });
      // One temporary name for each target, so that the next try overwrites the rest of an interrupted one.
      const temporary = temporaryName(target);
      await copy(path, temporary, source.bytes, { signal, ...(onProgress && { onProgress }) });
      if ((await hashFile(temporary, signal)).sha256 !== source.sha256) {
        throw new UserError(`${name} has other bytes after it was stored: check the disk, then try again`);
      }
      await Deno.rename(temporary, target);
      await syncFolder(dirname(target));
      return stored;
    });
  }

  link(name: string, _seconds: number): Promise<null> {
    checkName(name);
    return Promise.resolve(null);
  }

  async open(name: string, range?: ByteRange): Promise<OpenedFile | null> {
    const path = this.#path(name);
    if (!await isThere(path)) return null;
    return await this.#explain(`cannot read ${name}`, async () => {
      await this.#checkInside(path);
      const { size } = await Deno.stat(path);
      const start = Math.min(range?.start ?? 0, size);
      const bytes = Math.max(0, Math.min(range?.end ?? size - 1, size - 1) - start + 1);
      return { body: readRange(path, start, bytes), bytes, totalBytes: size };
    });
  }

  async delete(name: string): Promise<void> {
    const path = this.#path(name);
    await this.#explain(`cannot delete ${name}`, async () => {
      await this.#checkInside(path);
      for (const file of [temporaryName(path), path]) await removeIfThere(file);
      await removeIfEmpty(dirname(path), this.#folder);
    });
  }

  #path(name: string): string {
    checkName(name);
    return join(this.#folder, ...name.split("/"));
  }

  /** A symbolic link in the folder could lead out of it. */
  async #checkInside(path: string): Promise<void> {
    for (let at = path; at.length > this.#folder.length; at = dirname(at)) {
      const { isSymlink } = await Deno.lstat(at).catch(ignoreMissing) ?? { isSymlink: false };
      if (isSymlink) throw new FinalError(`${at} is a symbolic link: replace it with a folder or a file`);
    }
  }

  async #explain<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof UserError || !(error instanceof Error) || error.name === "AbortError") throw error;
      const where = `The storage folder ${this.#folder} ${what}`;
      if (error instanceof Deno.errors.NotCapable) {
        const list = `the lists "read" and "write" in "permissions"`;
        throw new FinalError(`${where}: add ${JSON.stringify(this.#folder)} to ${list}`, { cause: error });
      }
      if (error instanceof Deno.errors.PermissionDenied) {
        throw new FinalError(`${where}: give your user access to it`, { cause: error });
      }
      if (/ENOSPC|os error 28|os error 112/.test(error.message)) {
        throw new UserError(`${where}: the disk is full. Free some space`, { cause: error });
      }
      throw new UserError(`${where} (${error.message}): check the folder and its disk`, { cause: error });
    }
  }
}

function temporaryName(target: string): string {
  return join(dirname(target), `.${target.slice(dirname(target).length + 1)}.part`);
}

async function copy(
  from: string,
  to: string,
  totalBytes: number,
  { signal, onProgress }: Work,
): Promise<void> {
  using file = await Deno.open(to, { write: true, create: true, truncate: true });
  let copied = 0;
  for await (const piece of pieces(from, 1 << 20, signal)) {
    for (let written = 0; written < piece.length;) written += await file.write(piece.subarray(written));
    copied += piece.length;
    onProgress?.(Math.min(1, copied / totalBytes));
  }
  await file.sync();
}

/** Makes a rename last through a power cut. Windows cannot open a folder, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using opened = await Deno.open(folder);
  await opened.sync();
}

function readRange(path: string, start: number, bytes: number): ReadableStream<Uint8Array> {
  let file: Deno.FsFile | null = null;
  let left = bytes;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (left > 0 && file === null) {
        file = await Deno.open(path);
        await file.seek(start, Deno.SeekMode.Start);
      }
      const buffer = new Uint8Array(Math.min(left, 64 * 1024));
      const count = left > 0 ? await file?.read(buffer) ?? 0 : 0;
      left -= count;
      if (count > 0) controller.enqueue(buffer.subarray(0, count));
      if (left > 0 && count > 0) return;
      file?.close();
      file = null;
      if (left > 0) {
        controller.error(new UserError("The file became shorter while it was read: open it again"));
      } else controller.close();
    },
    cancel() {
      file?.close();
      file = null;
    },
  }, { highWaterMark: 0 });
}

async function isThere(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(ignoreMissing))?.isFile ?? false;
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch(ignoreMissing);
}

/** Removes the folders that became empty, up to `top`. */
async function removeIfEmpty(folder: string, top: string): Promise<void> {
  for (let at = folder; at.length > top.length; at = dirname(at)) {
    try {
      await Deno.remove(at);
    } catch {
      return; // It has other files, or is already gone.
    }
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
}
