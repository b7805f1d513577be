import assert from "node:assert/strict";
import fc from "fast-check";
import { makeClip, readClip } from "../../../services/tts/clip.ts";
import { Mp3Encoder } from "../../../services/tts/mp3.ts";
import { readWav } from "../../../services/tts/wav.ts";
import { tone } from "../../support/sounds.ts";
import { assertSentence } from "../asserts.ts";
import { type Edit, editedBytes, editsOf, hostileNumber } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  kind: "wav" | "clip";
  /** Numbers of a WAV's header. */
  header: { encoding: number; channels: number; rate: number; bits: number; length: number };
  edits: Edit<Uint8Array>[];
}

const encoder = await Mp3Encoder.open();
const words = [{ startMs: 0, endMs: 120.5, from: 0, to: 4 }, { startMs: 130, endMs: 300, from: 5, to: 9 }];
const clip = makeClip(encoder, { samples: tone(440, 300), words });

export const target: Target<Input> = {
  holds: "a WAV or a kept sound, however spoilt, is sound that can be played, or told as none",
  inputs: fc.record({
    kind: fc.constantFrom<Input["kind"]>("wav", "clip"),
    header: fc.record({
      encoding: fc.oneof(fc.constantFrom(1, 3, 0xfffe), hostileNumber),
      channels: fc.oneof(fc.constantFrom(1, 2, 6), hostileNumber),
      rate: fc.oneof(fc.constantFrom(16_000, 22_050), hostileNumber),
      bits: fc.oneof(fc.constantFrom(8, 16, 24, 32, 64), hostileNumber),
      length: fc.oneof(fc.constantFrom(0, 200, 0xffff_ffff), hostileNumber),
    }, { noNullPrototype: true }),
    edits: fc.oneof(fc.constant<Edit<Uint8Array>[]>([]), editsOf(fc.uint8Array({ maxLength: 16 }))),
  }, { noNullPrototype: true }),
  check({ kind, header, edits }) {
    if (kind === "wav") checkWav(editedBytes(wavOf(header), edits));
    else checkClip(editedBytes(clip.file, edits), edits.length === 0);
  },
};

function checkWav(bytes: Uint8Array): void {
  try {
    const { samples, rate } = readWav(bytes);
    assert.ok(rate >= 4_000 && rate <= 192_000, `${rate} Hz`);
    assert.ok(samples.every((sample) => sample >= -1 && sample <= 1), "a sample is out of bounds");
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    assertSentence(error.message);
  }
}

function checkClip(bytes: Uint8Array, isWhole: boolean): void {
  const read = readClip(new Uint8Array(bytes));
  if (isWhole) assert.deepEqual(read, clip);
  if (read === null) return;
  assert.ok(read.frames.every(({ length }) => length > 0 && length <= 480));
  assert.ok(Number.isFinite(read.durationMs));
  for (const word of read.words) assert.ok(Object.values(word).every(Number.isFinite));
}

function wavOf({ encoding, channels, rate, bits, length }: Input["header"]): Uint8Array {
  const view = new DataView(new ArrayBuffer(244));
  const write = (place: number, letters: string) =>
    [...letters].forEach((letter, index) => view.setUint8(place + index, letter.charCodeAt(0)));
  write(0, "RIFF");
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, encoding, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint16(34, bits, true);
  write(36, "data");
  view.setUint32(40, length, true);
  for (let place = 44; place < view.byteLength; place++) view.setUint8(place, place * 37 % 256);
  return new Uint8Array(view.buffer);
}
