/** Decodes sound by the libraries for single formats, without another program and without any permission. */
import { FinalError } from "livecue/service";
import type { MPEGDecoder } from "mpg123-decoder";
import { isMono, tagBytes } from "./mp3_head.ts";
import { mixedDown, mostChannels, type SoundPiece } from "./sound.ts";
import { readWav } from "./wav_reader.ts";

/** What a file is, as its first bytes say. */
export type Container = "mp4" | "webm" | "mp3" | "wav" | "ogg" | "flac" | "m4a";

interface Decoded {
  channelData: Float32Array[];
  samplesDecoded: number;
  sampleRate: number;
}

interface Decoder {
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  /** The sound that the decoder still holds at the end of the file. */
  flush?(): Promise<Decoded>;
  free(): void;
}

/**
 * A decoder gets this many bytes at once. A kilobyte of the most compressed sound is four minutes long, and takes
 * 100 MB.
 */
const bytesAtOnce = 1024;
const bytesOfRead = 64 * bytesAtOnce;

/** One channel or two. `onProgress` gets the part of the file that has been read. */
export async function* decode(
  path: string,
  container: Container,
  onProgress?: (fraction: number) => void,
): AsyncGenerator<SoundPiece> {
  const pieces = container === "wav" ? readWav(path) : decodeBy(path, container, onProgress);
  const order = container === "ogg" ? "vorbis" : "wav";
  for await (const { channels, rate } of pieces) {
    if (channels.length > mostChannels) {
      throw new FinalError(
        `The sound has ${channels.length} channels, but the sampler reads up to ${mostChannels}.`,
      );
    }
    yield { channels: mixedDown(channels, order), rate };
  }
}

async function* decodeBy(
  path: string,
  container: Container,
  onProgress?: (fraction: number) => void,
): AsyncGenerator<SoundPiece> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const bytes = new Uint8Array(bytesOfRead);
  let decoder: Decoder | null = null;
  let place = container === "mp3" ? await skipTag(file) : 0;
  try {
    for (let count = await file.read(bytes); count !== null; count = await file.read(bytes)) {
      decoder ??= await openDecoder(container, bytes.subarray(0, count));
      for (let start = 0; start < count; start += bytesAtOnce) {
        // The decoders keep views of what they get.
        yield* pieceOf(await decoder.decode(bytes.slice(start, Math.min(count, start + bytesAtOnce))));
      }
      place += count;
      onProgress?.(place / size);
    }
    if (decoder?.flush !== undefined) yield* pieceOf(await decoder.flush());
  } finally {
    decoder?.free();
  }
}

/** Returns the place where the sound begins. */
async function skipTag(file: Deno.FsFile): Promise<number> {
  const head = new Uint8Array(16);
  const count = await file.read(head) ?? 0;
  return await file.seek(tagBytes(head.subarray(0, count)), Deno.SeekMode.Start);
}

function* pieceOf({ channelData, samplesDecoded, sampleRate }: Decoded): Generator<SoundPiece> {
  if (samplesDecoded > 0) yield { channels: channelData, rate: sampleRate };
}

async function openDecoder(container: Container, head: Uint8Array): Promise<Decoder> {
  const decoder = await makeDecoder(container, head);
  await decoder.ready;
  return decoder;
}

async function makeDecoder(
  container: Container,
  head: Uint8Array,
): Promise<Decoder & { ready: Promise<void> }> {
  if (container === "mp3") {
    return mp3Decoder(new (await import("mpg123-decoder")).MPEGDecoder(), isMono(head));
  }
  if (container === "flac") return new (await import("@wasm-audio-decoders/flac")).FLACDecoder();
  // An Ogg file names the kind of its sound in its first page.
  const page = new TextDecoder("latin1").decode(head.subarray(0, 128));
  if (page.includes("OpusHead")) return new (await import("ogg-opus-decoder")).OggOpusDecoder();
  if (page.includes("\x01vorbis")) {
    return new (await import("@wasm-audio-decoders/ogg-vorbis")).OggVorbisDecoder();
  }
  if (page.includes("\x7fFLAC")) return new (await import("@wasm-audio-decoders/flac")).FLACDecoder();
  throw new FinalError(
    "The sampler cannot read this Ogg file by itself. Install ffmpeg and grant it: " +
      '"permissions": { "run": ["ffmpeg"] }.',
  );
}

/** The library makes two equal channels of one. */
function mp3Decoder(decoder: MPEGDecoder, isMono: boolean): Decoder & { ready: Promise<void> } {
  const decode = (bytes: Uint8Array) => {
    const decoded = decoder.decode(bytes);
    return isMono ? { ...decoded, channelData: decoded.channelData.slice(0, 1) } : decoded;
  };
  return { decode, ready: decoder.ready, free: () => decoder.free() };
}
