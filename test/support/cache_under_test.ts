/** A cache in a folder, its log, and clips for it. */
import { Cache } from "../../services/tts/cache.ts";
import { type Clip, makeClip } from "../../services/tts/clip.ts";
import { Mp3Encoder } from "../../services/tts/mp3.ts";
import type { StoredClipsOptions } from "../../services/tts/stored_clips.ts";
import { tone } from "./sounds.ts";

const encoder = await Mp3Encoder.open();

export function clipOf(ms: number, hertz = 440): Clip {
  return makeClip(encoder, { samples: tone(hertz, ms), words: [{ startMs: 0, endMs: ms, from: 0, to: 3 }] });
}

export interface CacheUnderTest {
  cache: Cache;
  /** What the log was told. */
  told: string[];
}

export function openCache(folder: string, options: Partial<StoredClipsOptions> = {}): CacheUnderTest {
  const told: string[] = [];
  const log = { info: (text: string) => void told.push(text), warn: (text: string) => void told.push(text) };
  const cache = new Cache({ folder, maxBytes: 1_000_000, maxAgeMs: 86_400_000, log, ...options });
  return { cache, told };
}

/** As a key looks. */
export function keyOfNumber(number: number): string {
  return number.toString(16).padStart(64, "0");
}

/** The disk space that the files of a folder take. */
export function bytesIn(folder: string): number {
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => Deno.statSync(`${folder}/${name}`))
    .reduce((sum, { blocks, size }) => sum + Math.max(size, (blocks ?? 0) * 512), 0);
}

/** On a disk that is nearly full: prints what came of texts that are spoken, and what the log said. */
if (import.meta.main) {
  const { cache, told } = openCache(Deno.args[0] as string);
  const lengths = [];
  for (let number = 0; number < 40; number++) {
    const clip = await cache.get(keyOfNumber(number), () => Promise.resolve(clipOf(1000)));
    lengths.push(clip.durationMs);
  }
  console.log(
    JSON.stringify({
      told,
      lengths,
      names: [...Deno.readDirSync(Deno.args[0] as string)].map((file) => file.name),
    }),
  );
}
