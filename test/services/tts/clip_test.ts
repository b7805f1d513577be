/** Other programs decode the MP3 of a segment. */
import assert from "node:assert/strict";
import { makeClip, readClip } from "../../../services/tts/clip.ts";
import { frameMs, frameSamples, joined, Mp3Encoder, silentFrame } from "../../../services/tts/mp3.ts";
import { decode, probe, testWithFfmpeg } from "../../support/ffmpeg.ts";
import { heardIn, likeness, tone } from "../../support/sounds.ts";

const encoder = await Mp3Encoder.open();
const words = [{ startMs: 0, endMs: 120.5, from: 0, to: 4 }, { startMs: 130, endMs: 500, from: 5, to: 9 }];

testWithFfmpeg("A segment's file gives the sound back to the sample, whatever its length", async () => {
  for (const ms of [240, 239.9, 240.1, 500, 1234.5]) {
    const samples = tone(440, ms);
    const { file, frames, durationMs } = makeClip(encoder, { samples, words });
    const decoded = await decode(file);
    assert.equal(decoded.length, samples.length, `${ms} ms`);
    assert.ok(likeness(samples, decoded) > 20, `${likeness(samples, decoded)} dB`);
    assert.equal(durationMs, samples.length / 24);
    const { format, streams: [stream], packets } = await probe(file);
    assert.equal(stream?.codec_name, "mp3");
    assert.equal(stream?.sample_rate, "24000");
    assert.equal(packets.length, frames.length);
    assert.equal(Number(format.duration).toFixed(3), (frames.length * frameMs / 1000).toFixed(3));
  }
});

testWithFfmpeg("Any frames may follow any others: no fault, no gap, and nothing moves", async () => {
  const clips = [tone(300, 500), tone(700, 333.3)].map((samples) =>
    makeClip(encoder, { samples, words: [] })
  );
  const [first, second] = clips.map(({ frames }) => frames) as [Uint8Array[], Uint8Array[]];
  const silence = Array<Uint8Array>(10).fill(silentFrame);
  const cut = first.slice(0, 10);
  const stream = [
    ...silence,
    ...first,
    ...second,
    ...silence,
    ...cut,
    ...silence,
    ...second.slice(5),
    ...first,
  ];
  const decoded = await decode(joined(stream));
  assert.equal(decoded.length, stream.length * frameSamples);
  const firstAt = 10 * frameMs + frameMs;
  const secondAt = firstAt + first.length * frameMs;
  const cutAt = 20 * frameMs + (first.length + second.length) * frameMs;
  const lastAt = cutAt + 20 * frameMs;
  const expected = [
    [firstAt, firstAt + 500],
    [secondAt, secondAt + 333.3],
    [cutAt + frameMs, cutAt + 10 * frameMs],
    [lastAt, lastAt + 333.3 - 4 * frameMs],
    [lastAt + (second.length - 5) * frameMs + frameMs, stream.length * frameMs - frameMs / 2],
  ];
  const heard = heardIn(decoded, 12).map(({ startMs, endMs }) => [startMs, endMs]);
  assert.equal(heard.length, expected.length, JSON.stringify(heard));
  for (const [index, [startMs = 0, endMs = 0]] of expected.entries()) {
    const [start = 0, end = 0] = heard[index] ?? [];
    assert.ok(
      Math.abs(start - startMs) <= 26 && Math.abs(end - endMs) <= 40,
      `${heard[index]} is not ${expected[index]}`,
    );
  }
});

testWithFfmpeg("A run of frames is whole by itself, wherever it begins", async () => {
  const sweep = Float32Array.from({ length: 24_000 }, (_, index) => Math.sin(index * index / 7_000) * 0.8);
  const { frames } = makeClip(encoder, { samples: sweep, words: [] });
  const whole = await decode(joined(frames));
  for (const start of [1, 7, 20, 33]) {
    const decoded = await decode(joined(frames.slice(start)));
    assert.equal(decoded.length, (frames.length - start) * frameSamples);
    // The first frame overlaps with a frame that is missing.
    const expected = whole.subarray((start + 2) * frameSamples);
    assert.ok(likeness(expected, decoded.subarray(2 * frameSamples)) > 60);
  }
});

Deno.test("A clip has the same sound and words after it is read from its file", () => {
  const clip = makeClip(encoder, { samples: tone(440, 777), words });
  const read = readClip(clip.file);
  assert.deepEqual(read, clip);
  const nothing = makeClip(encoder, { samples: new Float32Array(), words: [] });
  assert.deepEqual(readClip(nothing.file), nothing);
  assert.equal(nothing.durationMs, 0);
});

Deno.test("A file that is cut off, empty or of another kind is not a clip", () => {
  const { file } = makeClip(encoder, { samples: tone(440, 300), words });
  for (const length of [0, 1, 9, 30, 200, file.length - 1, file.length - 24 * 3]) {
    assert.equal(readClip(file.slice(0, length)), null, `${length} bytes`);
  }
  assert.equal(readClip(new TextEncoder().encode("ID3 of something else, and no sound")), null);
  assert.equal(readClip(new Uint8Array(5000)), null);
});
