/**
 * MP3 of speech, frame by frame. Each frame contains all of its sound, so frames of several sounds can follow one
 * another, and a stream can begin and end with any frame.
 */
import { createMp3Encoder } from "wasm-media-encoders";
import { sampleRate } from "./speech.ts";

export const frameSamples = 576;
/** A frame's length, exactly. */
export const frameMs = frameSamples * 1000 / sampleRate;

const kilobits = 64;
/**
 * The sizes of frames, in kilobits per second. A frame's header has the index in this list. This module makes frames of
 * `kilobits` or more, in steps of 16 kilobits, or 48 bytes.
 */
const frameKilobits = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const bytesPerKilobit = frameMs / 8;
const mostBytes = 160 * bytesPerKilobit;
/** Four bytes of header and nine of side information. */
const headBytes = 13;
/** MPEG 2, layer III, 24 kHz, one channel, no checksum. */
const header = [0xff, 0xf3, 0x04, 0xc4] as const;
/** The delay of the encoder and of each decoder, in samples. */
const lateness = { encoder: 576, decoder: 529 };
/** With this silence before it, the sound begins with the third frame. The first frame is empty and left out. */
const silenceBefore = 2 * frameSamples - lateness.encoder - lateness.decoder;
/** The encoder gets this many samples at once. */
const batchSamples = sampleRate;

/** A frame of silence. */
export const silentFrame: Uint8Array = frameOf(new Uint8Array(headBytes - header.length), new Uint8Array());

/** Encodes a second of sound in about ten milliseconds, and blocks the thread meanwhile. */
export class Mp3Encoder {
  readonly #encoder: Awaited<ReturnType<typeof createMp3Encoder>>;

  private constructor(encoder: Awaited<ReturnType<typeof createMp3Encoder>>) {
    this.#encoder = encoder;
  }

  /** Needs no permission. */
  static async open(): Promise<Mp3Encoder> {
    return new Mp3Encoder(await createMp3Encoder());
  }

  /** The frames of a sound of `sampleRate`. The sound begins with the second frame. */
  encode(samples: Float32Array): Uint8Array[] {
    this.#encoder.configure({ sampleRate, channels: 1, bitrate: kilobits });
    const pieces = [this.#encoder.encode([new Float32Array(silenceBefore)]).slice()];
    for (let start = 0; start < samples.length; start += batchSamples) {
      pieces.push(this.#encoder.encode([samples.subarray(start, start + batchSamples)]).slice());
    }
    pieces.push(this.#encoder.finalize().slice());
    const count = 1 + Math.ceil(samples.length / frameSamples);
    return standAlone(joined(pieces)).slice(1, 1 + count);
  }
}

/** All pieces in one array. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const piece of pieces) {
    whole.set(piece, place);
    place += piece.length;
  }
  return whole;
}

/** The frames in the bytes; null when the bytes have anything else in them. */
export function framesIn(bytes: Uint8Array): Uint8Array[] | null {
  const frames: Uint8Array[] = [];
  for (let place = 0; place < bytes.length;) {
    const length = frameLength(bytes, place);
    if (length === null || place + length > bytes.length) return null;
    frames.push(bytes.subarray(place, place + length));
    place += length;
  }
  return frames;
}

/** Null when no frame of this module begins there. */
function frameLength(bytes: Uint8Array, place: number): number | null {
  if (bytes[place] !== header[0] || bytes[place + 1] !== header[1] || bytes[place + 3] !== header[3]) {
    return null;
  }
  const isOurs = ((bytes[place + 2] ?? 0) & 0x0f) === header[2];
  const length = (frameKilobits[(bytes[place + 2] ?? 0) >> 4] ?? 0) * bytesPerKilobit;
  return isOurs && length > 0 ? length : null;
}

/** The encoder stores part of a frame's sound in the frames before it. This moves the sound into its own frame. */
function standAlone(bytes: Uint8Array): Uint8Array[] {
  const frames = framesIn(bytes);
  if (frames === null) throw new Error("the encoder made frames of another kind");
  const sound = joined(frames.map((frame) => frame.subarray(headBytes)));
  let end = 0;
  return frames.map((frame) => {
    const side = frame.slice(header.length, headBytes);
    const start = end - (side[0] ?? 0);
    end += frame.length - headBytes;
    const bits = (((side[1] ?? 0) & 0x7f) << 5) | ((side[2] ?? 0) >> 3);
    side[0] = 0;
    return frameOf(side, sound.subarray(start, start + Math.ceil(bits / 8)));
  });
}

/** The smallest fitting frame of `kilobits` or more. With smaller frames, a player would read too far ahead. */
function frameOf(side: Uint8Array, sound: Uint8Array): Uint8Array {
  const length = headBytes + sound.length;
  const least = frameKilobits.findIndex((most) => most >= kilobits && most * bytesPerKilobit >= length);
  const frame = new Uint8Array((frameKilobits[least] as number) * bytesPerKilobit);
  frame.set(header);
  frame[2] = least << 4 | header[2];
  frame.set(side, header.length);
  frame.set(sound, headBytes);
  return frame;
}

/** The same sound, with some frames enlarged so that the bytes become a multiple of `multiple`, if possible. */
export function filledUp(frames: readonly Uint8Array[], multiple: number): Uint8Array[] {
  const bytes = frames.reduce((sum, { length }) => sum + length, 0);
  let missing = (multiple - bytes % multiple) % multiple;
  return frames.map((frame) => {
    const length = Math.min(frame.length + missing, mostBytes);
    missing -= length - frame.length;
    return length === frame.length ? frame : enlarged(frame, length);
  });
}

function enlarged(frame: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(frame);
  larger[2] = frameKilobits.indexOf(length / bytesPerKilobit) << 4 | header[2];
  return larger;
}

/** The first frame of a file. It tells players the length of the sound, and how much silence to cut off its ends. */
export function fileHeader(frames: readonly Uint8Array[], sampleCount: number): Uint8Array {
  const delay = frameSamples - lateness.decoder;
  const padding = frames.length * frameSamples - delay - sampleCount;
  const view = new DataView(new ArrayBuffer(48));
  const write = (place: number, text: string) =>
    [...text].forEach((character, index) => view.setUint8(place + index, character.charCodeAt(0)));
  write(0, "Xing");
  // The only field is the number of frames.
  view.setUint32(4, 1);
  view.setUint32(8, frames.length);
  write(12, "LAME3.100");
  view.setUint32(33, delay << 20 | padding << 8);
  return frameOf(new Uint8Array(headBytes - header.length), new Uint8Array(view.buffer));
}
