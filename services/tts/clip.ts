/** The sound of a segment: an MP3 file with the times of the words in a tag. */
import { z } from "zod";
import { privateData, privateTag, tagLength } from "./id3.ts";
import { fileHeader, frameSamples, framesIn, joined, type Mp3Encoder } from "./mp3.ts";
import { sampleRate, type Sound, type SpokenWord } from "./speech.ts";

export interface Clip {
  /** An MP3 file. A player that heeds its header plays exactly the sound, so `words` need no shift. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** The frames of the file. The sound begins with the second frame. Other frames can follow without a gap. */
  readonly frames: readonly Uint8Array[];
  readonly words: readonly SpokenWord[];
  /** The length of the sound. */
  readonly durationMs: number;
}

const owner = "livecue.words";

const toldSchema = z.object({
  sampleCount: z.int().min(0),
  words: z.array(z.object({
    startMs: z.number(),
    endMs: z.number(),
    from: z.int().min(0),
    to: z.int().min(0),
  })),
});

type Told = z.output<typeof toldSchema>;

export function makeClip(encoder: Mp3Encoder, { samples, words }: Sound): Clip {
  const frames = encoder.encode(samples);
  const told: Told = { sampleCount: samples.length, words: [...words] };
  const tag = privateTag(owner, new TextEncoder().encode(JSON.stringify(told)));
  return clipOf(joined([tag, fileHeader(frames, samples.length), ...frames]), told) as Clip;
}

/** Null when the file is incomplete or not from `makeClip`. */
export function readClip(file: Uint8Array<ArrayBuffer>): Clip | null {
  const told = toldIn(file);
  return told === null ? null : clipOf(file, told);
}

/** The frames are views of the file, so they take no memory of their own. */
function clipOf(file: Uint8Array<ArrayBuffer>, { sampleCount, words }: Told): Clip | null {
  const frames = framesIn(file.subarray(tagLength(file)))?.slice(1);
  if (frames?.length !== 1 + Math.ceil(sampleCount / frameSamples)) return null;
  return { file, frames, words, durationMs: sampleCount * 1000 / sampleRate };
}

function toldIn(file: Uint8Array): Told | null {
  try {
    const json = new TextDecoder().decode(privateData(owner, file) ?? undefined);
    return toldSchema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}
