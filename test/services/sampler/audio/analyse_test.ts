import assert from "node:assert/strict";
import { join } from "node:path";
import { analyse, type Analysis } from "../../../../services/sampler/audio/analyse.ts";
import { Resampler } from "../../../../services/sampler/audio/resampler.ts";
import { WavWriter } from "../../../../services/sampler/audio/wav_writer.ts";
import { Espeak } from "../../../../services/tts/engines/espeak.ts";
import { madeUpSong, randomOf, songRate } from "../../../support/made_up_songs.ts";
import { plainSong } from "../../../support/plain_songs.ts";

async function analysed(channels: Float32Array[], signal = new AbortController().signal): Promise<Analysis> {
  const folder = await Deno.makeTempDir({ prefix: "livecue_" });
  try {
    const wav = join(folder, "audio.wav");
    {
      using writer = await WavWriter.create(wav);
      await writer.write({ channels, rate: 48_000 });
      await writer.finish();
    }
    return await analyse(wav, signal);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("The key of a song is found, and its tempo or the half or double of it", async () => {
  for (const seed of [5, 7, 9, 15]) {
    const song = madeUpSong(seed);
    const found = await analysed([new Resampler(songRate, 48_000).next(song.samples)]);
    assert.equal(found.key, song.key);
    const tempos = [found.bpm, found.halfBpm, found.doubleBpm];
    assert.ok(tempos.some((bpm) => Math.abs((bpm ?? 0) / song.bpm - 1) < 0.03), `${song.bpm}: ${tempos}`);
  }
});

Deno.test("The key of a plain song is found, and its tempo to half a percent", async () => {
  for (const seed of [1, 6]) {
    const song = plainSong(seed);
    const found = await analysed([new Resampler(songRate, 48_000).next(song.samples)]);
    assert.equal(found.key, song.key);
    const tempos = [found.bpm, found.halfBpm, found.doubleBpm];
    assert.ok(tempos.some((bpm) => Math.abs((bpm ?? 0) / song.bpm - 1) < 0.005), `${song.bpm}: ${tempos}`);
  }
});

/** Ten seconds of 48 kHz. */
function soundOf(sampleAt: (seconds: number) => number): Float32Array {
  return Float32Array.from({ length: 10 * 48_000 }, (_, index) => sampleAt(index / 48_000));
}

function whiteNoise(): () => number {
  const random = randomOf(1);
  return () => random() * 0.6 - 0.3;
}

/** 3 dB less with each octave. */
function pinkNoise(): () => number {
  const next = whiteNoise();
  const parts = [[0.997, 0.03], [0.96, 0.07], [0.57, 0.3]] as const;
  const sums = parts.map(() => 0);
  return () => {
    const white = next();
    for (const [index, [kept, added]] of parts.entries()) {
      sums[index] = (sums[index] as number) * kept + white * added;
    }
    return sums.reduce((whole, part) => whole + part, 0);
  };
}

async function speech(voice: string): Promise<Float32Array> {
  const text =
    "Last week I found a strange thing in an old shop near the river. It was between two books, and " +
    "nobody knew how long it had been there. The owner laughed and told me a story about a sailor and his dog.";
  const request = { text, voice, rate: 1, pitch: 1, volume: 1, signal: new AbortController().signal };
  const { samples } = await new Espeak().speak(request);
  return new Resampler(24_000, 48_000).next(samples);
}

const withoutMusic: Record<string, () => Float32Array | Promise<Float32Array>> = {
  "White noise": () => soundOf(whiteNoise()),
  "Pink noise": () => soundOf(pinkNoise()),
  "A high tone": () => soundOf((seconds) => 0.5 * Math.sin(2 * Math.PI * 440 * seconds)),
  "A low tone": () => soundOf((seconds) => 0.5 * Math.sin(2 * Math.PI * 60 * seconds)),
  "A single click": () => soundOf((seconds) => seconds > 3 && seconds < 3.001 ? 0.8 : 0),
  "A man's speech": () => speech("en-us"),
  "A woman's speech": () => speech("de+f3"),
};

for (const [name, make] of Object.entries(withoutMusic)) {
  Deno.test(`${name} has neither tempo nor key`, async () => {
    const { bpm, halfBpm, doubleBpm, key, keyStrength } = await analysed([await make()]);
    assert.deepEqual([bpm, halfBpm, doubleBpm, key, keyStrength], [null, null, null, null, null]);
  });
}

Deno.test("A tone of -23 dB in both channels has -23 LUFS", async () => {
  const height = 10 ** (-23 / 20);
  const tone = Float32Array.from(
    { length: 5 * 48_000 },
    (_, index) => height * Math.sin(2 * Math.PI * 997 * index / 48_000),
  );
  const { loudnessLufs } = await analysed([tone, tone]);
  assert.ok(Math.abs((loudnessLufs ?? 0) + 23) < 0.1, `${loudnessLufs}`);
});

Deno.test("Silence has no tempo, no key and no loudness", async () => {
  const found = await analysed([new Float32Array(10 * 48_000)]);
  assert.ok(Object.values(found).every((value) => value === null), JSON.stringify(found));
});

Deno.test("The signal ends the analysis", async () => {
  const reason = new Error("stopped");
  const work = analysed([new Float32Array(10 * 48_000)], AbortSignal.abort(reason));
  await assert.rejects(work, reason);
});

Deno.test("The signal ends the analysis in the middle", async () => {
  const [reason, controller] = [new Error("stopped"), new AbortController()];
  const work = analysed([soundOf(whiteNoise())], controller.signal);
  const ended = work.then(() => "ended", (error) => error);
  for (let turn = 0; turn < 10; turn++) await Deno.stat(".");
  controller.abort(reason);
  assert.equal(await ended, reason);
});
