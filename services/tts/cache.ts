/** Keeps clips in memory and on the disk, so that each text is made once in each voice. */
import { createHash } from "node:crypto";
import type { Clip } from "./clip.ts";
import { LeastRecent } from "./least_recent.ts";
import { SingleFlight } from "./single_flight.ts";
import type { SpeechRequest, Voice } from "./speech.ts";
import { StoredClips, type StoredClipsOptions } from "./stored_clips.ts";

/** The memory for recent clips. It also works when the folder cannot be used. */
const recentBytes = 4_000_000;

/** 64 hex digits, from all that changes the sound. */
export function keyOf(
  engine: Voice["engine"],
  { voice, rate, pitch, volume, text }: Omit<SpeechRequest, "signal">,
): string {
  return createHash("sha256").update(JSON.stringify([engine, voice, rate, pitch, volume, text])).digest(
    "hex",
  );
}

export class Cache {
  readonly #stored: StoredClips;
  readonly #recent = new LeastRecent<Clip>();
  readonly #flights = new SingleFlight<Clip>();

  constructor(options: StoredClipsOptions) {
    this.#stored = new StoredClips(options);
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#stored.bytes;
  }

  /** Files on the disk. */
  get count(): number {
    return this.#stored.count;
  }

  /**
   * The clip of this key. Calls `make` when there is none. Callers at the same time share one making, which goes on
   * until all of their signals have aborted. Rejects as `make` does, and when the caller's signal aborts.
   */
  async get(key: string, make: (signal: AbortSignal) => Promise<Clip>, signal?: AbortSignal): Promise<Clip> {
    const kept = this.#kept(key);
    if (kept !== null) return kept;
    return await this.#flights.run(key, async (signal) => {
      const clip = await make(signal);
      this.#stored.write(key, clip);
      this.#keepRecent(key, clip);
      return clip;
    }, signal);
  }

  /** Removes clips that are too old. Call it regularly. */
  sweep(): void {
    this.#stored.sweep();
  }

  #kept(key: string): Clip | null {
    const recent = this.#recent.use(key);
    if (recent !== undefined) {
      this.#stored.use(key);
      return recent;
    }
    const stored = this.#stored.read(key);
    if (stored !== null) this.#keepRecent(key, stored);
    return stored;
  }

  #keepRecent(key: string, clip: Clip): void {
    this.#recent.set(key, clip, clip.file.length);
    while (this.#recent.bytes > recentBytes) this.#recent.delete(this.#recent.oldest?.key ?? "");
  }
}
