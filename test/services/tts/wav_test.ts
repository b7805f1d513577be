/** Reads WAV in the forms that programs write. */
import assert from "node:assert/strict";
import { readWav } from "../../../services/tts/wav.ts";

interface Made {
  encoding?: number;
  bits?: number;
  channels?: number;
  rate?: number;
  /** The sound's length in the header. */
  said?: number;
  /** Chunks before the sound. */
  before?: number[];
}

function wav(
  sound: Uint8Array,
  { encoding = 1, bits = 16, channels = 1, rate = 22_050, said, before = [] }: Made,
) {
  const [begin, format, data] = [new DataView(new ArrayBuffer(12)), new DataView(new ArrayBuffer(24)), 8];
  const write = (view: DataView, place: number, text: string) =>
    [...text].forEach((letter, index) => view.setUint8(place + index, letter.charCodeAt(0)));
  write(begin, 0, "RIFF");
  begin.setUint32(4, 0xffff_ffff, true);
  write(begin, 8, "WAVE");
  write(format, 0, "fmt ");
  format.setUint32(4, 16, true);
  format.setUint16(8, encoding, true);
  format.setUint16(10, channels, true);
  format.setUint32(12, rate, true);
  format.setUint32(16, rate * channels * bits / 8, true);
  format.setUint16(20, channels * bits / 8, true);
  format.setUint16(22, bits, true);
  const head = new DataView(new ArrayBuffer(data));
  write(head, 0, "data");
  head.setUint32(4, said ?? sound.length, true);
  return new Uint8Array(
    [begin, format].flatMap(({ buffer }) => [...new Uint8Array(buffer)]).concat(
      before,
      [...new Uint8Array(head.buffer)],
      [...sound],
    ),
  );
}

const sixteenBits = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);

Deno.test("A WAV of each kind gives the same sound", () => {
  const expected = { samples: new Float32Array([0, 0.5, -0.5]), rate: 22_050 };
  const kinds: [Uint8Array, Made][] = [
    [new Uint8Array([128, 192, 64]), { bits: 8 }],
    [sixteenBits(0, 16_384, -16_384), {}],
    [new Uint8Array([0, 0, 0, 0, 0, 64, 0, 0, 192]), { bits: 24 }],
    [new Uint8Array(Int32Array.of(0, 2 ** 30, -(2 ** 30)).buffer), { bits: 32 }],
    [new Uint8Array(Float32Array.of(0, 0.5, -0.5).buffer), { encoding: 3, bits: 32 }],
    [new Uint8Array(Float64Array.of(0, 0.5, -0.5).buffer), { encoding: 3, bits: 64 }],
    [sixteenBits(-100, 100, 0, 32_767, -32_768, 0), { channels: 2 }],
  ];
  for (const [sound, made] of kinds) {
    const { samples, rate } = readWav(wav(sound, made));
    assert.equal(rate, expected.rate);
    assert.deepEqual([...samples].map((value) => Math.round(value * 1000) / 1000), [...expected.samples]);
  }
});

Deno.test("A WAV with an unknown length or with other chunks is read to its end", () => {
  const sound = sixteenBits(0, 16_384, -16_384);
  const list = [...new TextEncoder().encode("LIST"), 3, 0, 0, 0, 1, 2, 3, 0];
  for (const made of [{ said: 0xffff_ffff }, { said: 0 }, { said: 0x7fff_ffff }, { before: list }]) {
    assert.deepEqual([...readWav(wav(sound, made)).samples], [0, 0.5, -0.5]);
  }
});

Deno.test("A file of another format or an unknown kind of WAV is refused with the reason", () => {
  const sound = sixteenBits(0, 0);
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(), /not WAV/],
    [new TextEncoder().encode("piper: no such model\n"), /not WAV/],
    [wav(sound, { encoding: 7, bits: 8 }), /kind 7, 8 bits/],
    [wav(sound, { bits: 12 }), /12 bits/],
    [wav(sound, { channels: 0 }), /0 channels/],
    [wav(sound, { rate: 0 }), /0 Hz/],
    [wav(sound, {}).subarray(0, 36), /no sound/],
    [wav(sound, {}).subarray(0, 30), /cut off|no sound/],
  ];
  for (const [bytes, why] of cases) assert.throws(() => readWav(bytes), why);
  assert.equal(readWav(wav(new Uint8Array(), {})).samples.length, 0);
});

Deno.test("Samples out of range and NaN make no noise", () => {
  const sound = new Uint8Array(Float32Array.of(7, -7, NaN, Infinity).buffer);
  assert.deepEqual([...readWav(wav(sound, { encoding: 3, bits: 32 })).samples], [1, -1, 0, 0]);
});
