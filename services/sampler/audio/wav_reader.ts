/** Reads WAV piece by piece. */
import { readFloat, readInteger } from "livecue/wav_samples";
import { FinalError } from "livecue/service";
import { mostChannels, type SoundPiece } from "./sound.ts";

interface Format {
  encoding: number;
  channels: number;
  rate: number;
  bytesPerSample: number;
}

const pcm = 1;
const floatingPoint = 3;
const extensible = 0xfffe;
const rates = { least: 4_000, most: 384_000 };
const pieceFrames = 8_192;

/** The pieces from `startSeconds` on. Throws a `FinalError` with the reason when it cannot read the file. */
export async function* readWav(path: string, { startSeconds = 0 } = {}): AsyncGenerator<SoundPiece> {
  using file = await Deno.open(path);
  const { format, start, end } = await findSound(file);
  const frameBytes = format.channels * format.bytesPerSample;
  let place = start + Math.floor(startSeconds * format.rate) * frameBytes;
  while (place + frameBytes <= end) {
    const wanted = Math.min(pieceFrames, Math.floor((end - place) / frameBytes)) * frameBytes;
    const bytes = await readAt(file, place, wanted);
    const frames = Math.floor(bytes.length / frameBytes);
    if (frames === 0) return;
    yield { channels: channelsIn(bytes, frames, format), rate: format.rate };
    place += frames * frameBytes;
  }
}

/** The length of the sound in a WAV file. */
export async function secondsOfWav(path: string): Promise<number> {
  using file = await Deno.open(path);
  const { format, start, end } = await findSound(file);
  return Math.floor((end - start) / (format.channels * format.bytesPerSample)) / format.rate;
}

async function findSound(file: Deno.FsFile): Promise<{ format: Format; start: number; end: number }> {
  const { size } = await file.stat();
  const head = await readAt(file, 0, 12);
  if (textAt(head, 0) !== "RIFF" || textAt(head, 8) !== "WAVE") {
    throw new FinalError("The file is not WAV: it does not begin with RIFF and WAVE.");
  }
  let format: Format | null = null;
  for (let place = 12; place + 8 <= size;) {
    const chunk = await readAt(file, place, 48);
    const length = new DataView(chunk.buffer).getUint32(4, true);
    const [name, start] = [textAt(chunk, 0), place + 8];
    if (name === "fmt ") format = formatIn(chunk.subarray(8, 8 + length));
    if (name === "data") {
      if (format === null) throw new FinalError("This WAV file has its sound before its format.");
      // A program that writes to a pipe cannot go back and correct the length.
      const isUnknown = length === 0 || length >= 0xffff_ff00;
      return { format, start, end: isUnknown ? size : Math.min(size, start + length) };
    }
    place = start + length + length % 2;
  }
  throw new FinalError("This WAV file has no sound in it.");
}

/** Fewer bytes if the file ends before. */
async function readAt(file: Deno.FsFile, place: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
  await file.seek(place, Deno.SeekMode.Start);
  const bytes = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.slice(0, filled);
}

function textAt(bytes: Uint8Array, place: number): string {
  return String.fromCharCode(...bytes.subarray(place, place + 4));
}

function formatIn(bytes: Uint8Array): Format {
  if (bytes.length < 16) throw new FinalError("The format of this WAV file is cut off.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const encoding = view.getUint16(0, true);
  const bits = view.getUint16(14, true);
  const format = {
    encoding: encoding === extensible && bytes.length >= 26 ? view.getUint16(24, true) : encoding,
    channels: view.getUint16(2, true),
    rate: view.getUint32(4, true),
    bytesPerSample: bits / 8,
  };
  const known = format.encoding === pcm ? [8, 16, 24, 32] : format.encoding === floatingPoint ? [32, 64] : [];
  const isKnown = known.includes(bits) && format.channels >= 1 && format.channels <= mostChannels;
  if (!isKnown || format.rate < rates.least || format.rate > rates.most) {
    throw new FinalError(
      `This WAV file is of kind ${format.encoding}, ${bits} bits, ${format.channels} channels, ` +
        `${format.rate} Hz. The sampler reads PCM of 8 to 32 bits and floating point, up to 8 channels.`,
    );
  }
  return format;
}

function channelsIn(bytes: Uint8Array<ArrayBuffer>, frames: number, format: Format): Float32Array[] {
  const { channels, bytesPerSample } = format;
  const view = new DataView(bytes.buffer);
  const read = format.encoding === floatingPoint ? readFloat : readInteger;
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let frame = 0; frame < frames; frame++) {
      const sample = read(view, (frame * channels + channel) * bytesPerSample, bytesPerSample);
      samples[frame] = Number.isFinite(sample) ? sample : 0;
    }
    return samples;
  });
}
