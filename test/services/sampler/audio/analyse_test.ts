import assert from "node:assert/strict";
import { join } from "node:path";
import { analyse, type Analysis } from "../../../../services/sampler/audio/analyse.ts";
import { Resampler } from "../../../../services/sampler/audio/resampler.ts";
import { WavWriter } from "../../../../services/sampler/audio/wav_writer.ts";
import { madeUpSong, songRate } from "../../../support/made_up_songs.ts";

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
