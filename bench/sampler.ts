/**
 * Measures how many keys and tempos of synthetic songs the sampler finds, and the CPU and memory that it needs for
 * them. Its weights were fitted to other songs of the same two kinds.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Resampler } from "../services/sampler/audio/resampler.ts";
import { sampleRate } from "../services/sampler/audio/sound.ts";
import { WavWriter } from "../services/sampler/audio/wav_writer.ts";
import { type MadeUpSong, madeUpSong, songRate } from "../test/support/made_up_songs.ts";
import { plainSong } from "../test/support/plain_songs.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { pathOf } from "./running_service.ts";
import type { Heard } from "./sampler/listener.ts";

const counts = { whole: 40, short: 5 };
const firstSeed = 10_000;
/** Two tempos are the same if they differ by less than this part. */
const tolerance = 0.02;

interface Known {
  song: Pick<MadeUpSong, "bpm" | "key">;
  seconds: number;
  wav: string;
}

async function write(folder: string, seed: number, make: (seed: number) => MadeUpSong): Promise<Known> {
  const { samples, ...song } = make(seed);
  const wav = join(folder, `${make.name}_${seed}.wav`);
  using writer = await WavWriter.create(wav);
  await writer.write({ channels: [new Resampler(songRate, sampleRate).next(samples)], rate: sampleRate });
  await writer.finish();
  return { song, seconds: samples.length / songRate, wav };
}

/** Listens in a program of its own, because the making of the songs needs memory too. */
async function listen(songs: readonly Known[]): Promise<Heard> {
  const args = ["run", "-A", "--quiet", "--no-prompt", pathOf("sampler/listener.ts")];
  const { stdout } = await promisify(execFile)(Deno.execPath(), [...args, ...songs.map(({ wav }) => wav)]);
  return JSON.parse(stdout);
}

function* shares(kind: string, songs: readonly Known[], { analyses }: Heard): Iterable<Figure> {
  const share = (isFound: (heard: Heard["analyses"][number], song: Known["song"]) => boolean) =>
    songs.filter(({ song }, index) => isFound(analyses[index] as Heard["analyses"][number], song)).length /
    songs.length;
  const isNear = (tempo: number | null, bpm: number) => Math.abs((tempo ?? 0) / bpm - 1) < tolerance;
  const [key, tempo] = [{ atLeast: 0.9 }, { atLeast: 0.85 }];
  yield {
    ...{ name: `${kind}: keys found`, unit: "", target: key },
    value: share((heard, song) => heard.key === song.key),
  };
  yield {
    ...{ name: `${kind}: tempos found, or their half or double`, unit: "", target: tempo },
    value: share(({ bpm, halfBpm, doubleBpm }, song) =>
      [bpm, halfBpm, doubleBpm].some((heard) => isNear(heard, song.bpm))
    ),
  };
  yield {
    ...{ name: `${kind}: tempos found as meant`, unit: "" },
    value: share(({ bpm }, song) => isNear(bpm, song.bpm)),
  };
}

async function* measure(count: number): AsyncGenerator<Figure> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  try {
    const all: Known[] = [];
    for (const [kind, make] of [["plain songs", plainSong], ["varied songs", madeUpSong]] as const) {
      const songs: Known[] = [];
      for (let index = 0; index < count; index++) songs.push(await write(folder, firstSeed + index, make));
      yield* shares(kind, songs, await listen(songs));
      all.push(...songs);
    }
    const { cpuMs, longestCpuMs, peakMegabytes } = await listen(all);
    const seconds = all.reduce((sum, song) => sum + song.seconds, 0);
    const name = "half a minute of song";
    yield { name: `${name}: CPU`, value: cpuMs * 30 / seconds, unit: "ms", target: { atMost: 1500 } };
    yield {
      name: `${name}: longest block of the thread, CPU`,
      value: longestCpuMs,
      unit: "ms",
      target: { atMost: 1000 },
    };
    yield { name: "a program that analyses: peak of its memory", value: peakMegabytes, unit: "MB" };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const benchmark: Benchmark = {
  name: "sampler",
  about: "The part of the keys and tempos of synthetic songs that is found, in a program of its own.",
  measure: ({ isShort }) => measure(isShort ? counts.short : counts.whole),
};

if (import.meta.main) await runAlone(benchmark);
