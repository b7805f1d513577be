/**
 * Clips as files in a folder. The folder never holds more than `maxBytes`, because old files are removed before a new
 * one is written. A file's time says when it was last used. When the folder cannot be used, the log says so once.
 */
import { t } from "livecue/language";
import { join } from "node:path";
import type { ServiceLog } from "livecue/service";
import { type Clip, readClip } from "./clip.ts";
import { LeastRecent } from "./least_recent.ts";

export interface StoredClipsOptions {
  /** Created with the first file. Files with other names stay untouched. */
  readonly folder: string;
  readonly maxBytes: number;
  /** A file that nobody used for this long is removed. */
  readonly maxAgeMs: number;
  readonly log: Pick<ServiceLog, "info" | "warn">;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
}

/** A file takes whole blocks of a disk. Most disks have blocks of this size. */
const blockBytes = 4096;
const clipName = /^([0-9a-f]{64})\.mp3$/;
/** A file that is not complete yet. */
const partName = /^[0-9a-f]{64}\.part$/;

export class StoredClips {
  readonly #options: StoredClipsOptions;
  readonly #now: () => number;
  readonly #files = new LeastRecent<{ usedAt: number }>();
  #isTroubled = false;

  /** Reads the names of earlier files. */
  constructor(options: StoredClipsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#attempt(() => {
      this.#load();
      this.#makeRoom(0);
    });
    this.sweep();
  }

  /** Bytes on the disk. */
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

  /** Notes a use of a clip without reading the file. */
  use(key: string): void {
    const file = this.#files.use(key);
    if (file === undefined) return;
    file.usedAt = this.#now();
    try {
      Deno.utimeSync(this.#path(key), file.usedAt / 1000, file.usedAt / 1000);
    } catch {
      // The next run sees an older time.
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
      if (this.#isTroubled) this.#options.log.info(t`speech is stored in ${this.#options.folder} again`);
      this.#isTroubled = false;
    });
  }

  /** Removes files that are too old. */
  sweep(): void {
    const isOld = (usedAt: number) => this.#now() - usedAt > this.#options.maxAgeMs;
    this.#attempt(() => this.#removeWhile(({ usedAt }) => isOld(usedAt)));
  }

  #makeRoom(bytes: number): void {
    this.#removeWhile(() => this.#files.bytes + bytes > this.#options.maxBytes);
  }

  /** The least recently used files first. */
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

  /** Writes a part file and renames it, so that a crash never leaves half a clip. */
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
        // The log shows the first error.
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
        t`speech cannot be stored in ${this.#options.folder}, so each text is made again: ${why}`,
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
