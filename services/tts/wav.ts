/** Reads WAV from programs that speak. Such a program may not know the length when it writes the header. */
import { readFloat, readInteger } from "livecue/wav_samples";

/** One channel, each sample from -1 to 1. */
export interface WavSound {
  readonly samples: Float32Array;
  /** Samples per second. */
  readonly rate: number;
}

interface Format {
  encoding: number;
  channels: number;
  rate: number;
  bytesPerSample: number;
}

const pcm = 1;
const floatingPoint = 3;
const extensible = 0xfffe;
const rates = { least: 4_000, most: 192_000 };

/** Several channels become one, their mean. Throws an `Error` with the reason when it cannot read the bytes. */
export function readWav(bytes: Uint8Array): WavSound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || textAt(bytes, 0) !== "RIFF" || textAt(bytes, 8) !== "WAVE") {
    throw new Error("the output is not WAV: it does not begin with RIFF and WAVE");
  }
  let format: Format | null = null;
  for (let place = 12; place + 8 <= bytes.length;) {
    const [name, start] = [textAt(bytes, place), place + 8];
    // A program that writes to a pipe cannot go back and correct the length.
    const end = Math.min(bytes.length, start + view.getUint32(place + 4, true));
    if (name === "fmt ") format = formatIn(view, start, end);
    if (name === "data") {
      if (format === null) throw new Error("this WAV has its sound before its format");
      const unknown = end === start && place + 8 < bytes.length;
      return { samples: samplesIn(view, format, start, unknown ? bytes.length : end), rate: format.rate };
    }
    place = end + (end - start) % 2;
  }
  throw new Error("this WAV has no sound in it");
}

function textAt(bytes: Uint8Array, place: number): string {
  return String.fromCharCode(...bytes.subarray(place, place + 4));
}

function formatIn(view: DataView, start: number, end: number): Format {
  if (end - start < 16) throw new Error("the format of this WAV is cut off");
  const encoding = view.getUint16(start, true);
  const channels = view.getUint16(start + 2, true);
  const rate = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  const isExtended = encoding === extensible && end - start >= 26;
  const format = {
    encoding: isExtended ? view.getUint16(start + 24, true) : encoding,
    channels,
    rate,
    bytesPerSample: bits / 8,
  };
  const known = format.encoding === pcm ? [8, 16, 24, 32] : format.encoding === floatingPoint ? [32, 64] : [];
  if (!known.includes(bits) || channels === 0 || rate < rates.least || rate > rates.most) {
    throw new Error(
      `this WAV is of kind ${format.encoding}, ${bits} bits, ${channels} channels, ${rate} Hz: ` +
        "Livecue reads PCM of 8 to 32 bits and floating point",
    );
  }
  return format;
}

function samplesIn(
  view: DataView,
  { encoding, channels, bytesPerSample }: Format,
  start: number,
  end: number,
): Float32Array {
  const read = encoding === floatingPoint ? readFloat : readInteger;
  const count = Math.floor((end - start) / (channels * bytesPerSample));
  const samples = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      sum += read(view, start + (index * channels + channel) * bytesPerSample, bytesPerSample);
    }
    const mean = sum / channels;
    samples[index] = Number.isFinite(mean) ? Math.max(-1, Math.min(1, mean)) : 0;
  }
  return samples;
}
