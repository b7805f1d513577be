/**
 * Clips as files of a folder, which never holds more bytes than it may: a file is written once there is room for it.
 * A file's time is when it was last used. When the folder cannot be used, the log says so once, and nothing is kept.
 */
import { join } from "node:path";
import type { ServiceLog } from "livecue/service";
import { type Clip, readClip } from "./clip.ts";
import { LeastRecent } from "./least_recent.ts";

export interface StoredClipsOptions {
  /** It is made when the first file is written. Files of other names in it are let be. */
  readonly folder: string;
  readonly maxBytes: number;
  /** A file that was not used for so long is removed. */
  readonly maxAgeMs: number;
  readonly log: Pick<ServiceLog, "info" | "warn">;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
}

/** A disk gives whole blocks to a file, mostly of this size. */
const blockBytes = 4096;
const clipName = /^([0-9a-f]{64})\.mp3$/;
/** A file that is being written, or was when the computer went off. */
const partName = /^[0-9a-f]{64}\.part$/;

export class StoredClips {
  readonly #options: StoredClipsOptions;
  readonly #now: () => number;
  readonly #files = new LeastRecent<{ usedAt: number }>();
  #isTroubled = false;

  /** Looks at what the folder has from earlier. */
  constructor(options: StoredClipsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#attempt(() => {
      this.#load();
      this.#makeRoom(0);
    });
    this.sweep();
  }

  /** On the disk. */
  get bytes(): number {
    return this.#files.bytes;
  }

  get count(): number {
    return this.#files.count;
  }

  /** Null when there is none. */
  read(key: string): Clip | null {
    this.sweep();
    if (this.#files.use(key) === undefined) return null;
    const clip = clipIn(this.#path(key));
    if (clip === null) this.#attempt(() => this.#remove(key));
    else this.use(key);
    return clip;
  }

  /** It is used, though it need not be read. */
  use(key: string): void {
    const file = this.#files.use(key);
    if (file === undefined) return;
    file.usedAt = this.#now();
    try {
      Deno.utimeSync(this.#path(key), file.usedAt / 1000, file.usedAt / 1000);
    } catch {
      // The next run takes it for a little older.
    }
  }

  write(key: string, { file }: Clip): void {
    const bytes = onDisk(file.length);
    if (bytes > this.#options.maxBytes) return;
    this.#attempt(() => {
      this.#makeRoom(bytes);
      this.#store(key, file);
      this.#files.set(key, { usedAt: 0 }, bytes);
      this.use(key);
      if (this.#isTroubled) this.#options.log.info(`the folder ${this.#options.folder} is used again`);
      this.#isTroubled = false;
    });
  }

  /** Removes what is too old. */
  sweep(): void {
    const isOld = (usedAt: number) => this.#now() - usedAt > this.#options.maxAgeMs;
    this.#attempt(() => this.#removeWhile(({ usedAt }) => isOld(usedAt)));
  }

  #makeRoom(bytes: number): void {
    this.#removeWhile(() => this.#files.bytes + bytes > this.#options.maxBytes);
  }

  /** Those that were not used for longest first. */
  #removeWhile(isToGo: (file: { usedAt: number }) => boolean): void {
    while (true) {
      const { oldest } = this.#files;
      if (oldest === null || !isToGo(oldest.value)) return;
      this.#remove(oldest.key);
    }
  }

  #remove(key: string): void {
    removeFile(this.#path(key));
    this.#files.delete(key);
  }

  /** A file is there whole or not at all, whatever ends the program. */
  #store(key: string, content: Uint8Array): void {
    const part = join(this.#options.folder, `${key}.part`);
    try {
      Deno.mkdirSync(this.#options.folder, { recursive: true });
      Deno.writeFileSync(part, content);
      Deno.renameSync(part, this.#path(key));
    } catch (error) {
      try {
        removeFile(part);
      } catch {
        // What went wrong first is told.
      }
      throw error;
    }
  }

  #load(): void {
    const found: { key: string; usedAt: number; bytes: number }[] = [];
    for (const name of namesIn(this.#options.folder)) {
      const path = join(this.#options.folder, name);
      const key = name.match(clipName)?.[1];
      if (partName.test(name)) removeFile(path);
      if (key === undefined) continue;
      const { mtime, size, isFile } = Deno.lstatSync(path);
      if (isFile) found.push({ key, usedAt: mtime?.getTime() ?? 0, bytes: onDisk(size) });
    }
    found.sort((a, b) => a.usedAt - b.usedAt);
    for (const { key, usedAt, bytes } of found) this.#files.set(key, { usedAt }, bytes);
  }

  #path(key: string): string {
    return join(this.#options.folder, `${key}.mp3`);
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (this.#isTroubled) return;
      this.#isTroubled = true;
      const why = error instanceof Error ? error.message : error;
      this.#options.log.warn(
        `speech cannot be kept in ${this.#options.folder}, and is made anew each time: ${why}`,
      );
    }
  }
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

function clipIn(path: string): Clip | null {
  try {
    return readClip(Deno.readFileSync(path));
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
