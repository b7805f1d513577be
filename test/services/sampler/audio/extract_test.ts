import assert from "node:assert/strict";
import { FinalError } from "livecue/service";
import { join } from "node:path";
import type { Container } from "../../../../services/sampler/audio/decode.ts";
import { extract } from "../../../../services/sampler/audio/extract.ts";
import { tagBytes } from "../../../../services/sampler/audio/mp3_head.ts";
import { readWav } from "../../../../services/sampler/audio/wav_reader.ts";
import { WavWriter } from "../../../../services/sampler/audio/wav_writer.ts";
import { testWithFfmpeg } from "../../../support/ffmpeg.ts";

const sine = ["-f", "lavfi", "-i", "sine=1000:r=44100:d=3", "-ac", "2"];
const silentFilm = ["-f", "lavfi", "-i", "testsrc=d=1:s=64x64"];
const bothWays = ["ffmpeg", null];

interface Try {
  ffmpeg?: string | null;
  maxSeconds?: number;
  signal?: AbortSignal;
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "livecue_" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes a file by ffmpeg; its name's ending says what it is. */
async function make(folder: string, name: string, args: string[]): Promise<string> {
  const file = join(folder, name);
  const all = ["-nostdin", "-v", "error", "-y", ...args, file];
  const { success, stderr } = await new Deno.Command("ffmpeg", { args: all }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return file;
}

function extractFrom(file: string, { ffmpeg = null, maxSeconds = 60, signal }: Try = {}) {
  const container = file.split(".").at(-1) as Container;
  const work = {
    folder: join(file, ".."),
    ffmpeg,
    maxSeconds,
    signal: signal ?? new AbortController().signal,
  };
  return extract({ file, container }, work);
}

async function soundOf(path: string): Promise<{ channels: number; samples: number[]; rate: number }> {
  const found = { channels: 0, samples: [] as number[], rate: 0 };
  for await (const { channels, rate } of readWav(path)) {
    found.channels = channels.length;
    found.rate = rate;
    for (const sample of channels[0] as Float32Array) found.samples.push(sample);
  }
  return found;
}

/** How strong a tone of this pitch is, as the height of its wave. */
function heightOf(samples: number[], hertz: number, rate: number): number {
  let [real, imaginary] = [0, 0];
  samples.forEach((sample, index) => {
    const angle = 2 * Math.PI * hertz * index / rate;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
  });
  return 2 * Math.hypot(real, imaginary) / samples.length;
}

async function writeWav(path: string, samples: Float32Array): Promise<void> {
  using writer = await WavWriter.create(path);
  await writer.write({ channels: [samples], rate: 48_000 });
  await writer.finish();
}

const made = [
  { name: "cd.wav", args: sine, channels: 2 },
  { name: "studio.wav", args: [...sine, "-ar", "96000", "-c:a", "pcm_s24le"], channels: 2 },
  { name: "telephone.wav", args: [...sine, "-ar", "8000", "-ac", "1"], channels: 1 },
  { name: "mono.mp3", args: [...sine, "-ac", "1"], channels: 1 },
  { name: "variable.mp3", args: [...sine, "-q:a", "5"], channels: 2 },
  { name: "song.flac", args: sine, channels: 2 },
  { name: "opus.ogg", args: [...sine, "-c:a", "libopus", "-b:a", "160k"], channels: 2 },
  { name: "vorbis.ogg", args: [...sine, "-c:a", "libvorbis"], channels: 2 },
];

testWithFfmpeg(
  "Each format gives the same tone at 48 kHz, with ffmpeg and without",
  () =>
    withFolder(async (folder) => {
      for (const { name, args, channels } of made) {
        const file = await make(folder, name, args);
        for (const ffmpeg of bothWays) {
          const { wav, mp3, seconds } = await extractFrom(file, { ffmpeg });
          const how = `${name}, ${ffmpeg}`;
          assert.ok(Math.abs(seconds - 3) < 0.01, `${how}: ${seconds} s`);
          const sound = await soundOf(join(folder, wav));
          assert.deepEqual([sound.channels, sound.rate], [channels, 48_000], how);
          const expected = channels === 1 ? 0.125 : 0.125 * Math.SQRT1_2;
          const height = heightOf(sound.samples, 1000, 48_000);
          assert.ok(Math.abs(height / expected - 1) < 0.1, `${how}: ${height} instead of ${expected}`);
          const bytes = await Deno.readFile(join(folder, mp3));
          const [size = 0, mode = 0] = bytes.subarray(tagBytes(bytes) + 2);
          // 320 kbit/s at 48 kHz, in the header of the first frame.
          assert.deepEqual([size & 0xfc, mode >> 6 === 3], [0xe4, channels === 1], how);
        }
      }
    }),
);

testWithFfmpeg(
  "A sound at the back of a cinema stays to be heard in two channels",
  () =>
    withFolder(async (folder) => {
      const pan = "pan=5.1|FL=0*c0|FR=0*c0|FC=0*c0|LFE=0*c0|BL=c0|BR=0*c0";
      for (const name of ["six.wav", "six.ogg", "six.flac"]) {
        const codec = name.endsWith("ogg") ? ["-c:a", "libvorbis"] : [];
        const file = await make(folder, name, [...sine, "-af", pan, ...codec]);
        const heights: number[] = [];
        for (const ffmpeg of bothWays) {
          const { wav } = await extractFrom(file, { ffmpeg });
          const sound = await soundOf(join(folder, wav));
          assert.equal(sound.channels, 2);
          heights.push(heightOf(sound.samples, 1000, 48_000));
        }
        const [byFfmpeg, byUs] = heights as [number, number];
        assert.ok(byUs > 0.02 && Math.abs(byUs / byFfmpeg - 1) < 0.1, `${name}: ${byUs}, ${byFfmpeg}`);
      }
    }),
);

testWithFfmpeg(
  "A video's AAC is read by ffmpeg; without ffmpeg the error says what to do",
  () =>
    withFolder(async (folder) => {
      const file = await make(folder, "film.mp4", [...silentFilm, ...sine, "-t", "1", "-c:a", "aac"]);
      assert.ok(Math.abs((await extractFrom(file, { ffmpeg: "ffmpeg" })).seconds - 1) < 0.1);
      for (const ffmpeg of [null, "no_such_program"]) {
        await assert.rejects(extractFrom(file, { ffmpeg }), (error) => {
          assert.ok(error instanceof FinalError);
          assert.match(error.message, /Install ffmpeg and grant it.*"run": \["ffmpeg"\].*rapidapi/s);
          return true;
        });
      }
    }),
);

testWithFfmpeg(
  "What is no sound is refused for good, in both ways, and leaves no file",
  () =>
    withFolder(async (folder) => {
      await make(folder, "silent_film.mp4", silentFilm);
      const film = await Deno.readFile(await make(folder, "film.mp4", [...silentFilm, ...sine, "-t", "1"]));
      await Deno.writeFile(join(folder, "cut.mp4"), film.subarray(0, film.length >> 1));
      await Deno.writeTextFile(join(folder, "page.mp4"), "<!DOCTYPE html><title>Not found</title>");
      await Deno.writeFile(join(folder, "empty.mp3"), new Uint8Array());
      await Deno.writeFile(join(folder, "zeros.flac"), new Uint8Array(100_000));
      await Deno.writeTextFile(join(folder, "list.mp4"), "#EXTM3U\n#EXTINF:1,\nfilm.mp4\n");
      for (const name of ["silent_film.mp4", "cut.mp4", "page.mp4", "empty.mp3", "zeros.flac", "list.mp4"]) {
        for (const ffmpeg of bothWays) {
          await assert.rejects(extractFrom(join(folder, name), { ffmpeg }), FinalError, `${name}, ${ffmpeg}`);
        }
      }
      const left = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
        /audio|part/.test(name)
      );
      assert.deepEqual(left, []);
    }),
);

testWithFfmpeg(
  "A small file of ten hours of silence is refused before it fills the disk",
  () =>
    withFolder(async (folder) => {
      const silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "36000", "-frame_size", "32767"];
      const file = await make(folder, "bomb.flac", silence);
      for (const ffmpeg of bothWays) {
        await assert.rejects(
          extractFrom(file, { ffmpeg, maxSeconds: 10 }),
          /longer than 10 s.*"max_seconds"/,
        );
      }
    }),
);

testWithFfmpeg("A picture of ten megabytes before the sound is skipped", () =>
  withFolder(async (folder) => {
    const song = await Deno.readFile(await make(folder, "song.mp3", sine));
    const size = 10_000_000;
    const head = [0x49, 0x44, 0x33, 3, 0, 0, size >> 21, size >> 14 & 127, size >> 7 & 127, size & 127];
    const cover = new Blob([new Uint8Array(head), new Uint8Array(size), song]);
    await Deno.writeFile(join(folder, "cover.mp3"), cover.stream());
    for (const ffmpeg of bothWays) {
      const { seconds } = await extractFrom(join(folder, "cover.mp3"), { ffmpeg });
      assert.ok(Math.abs(seconds - 3) < 0.01, `${ffmpeg}: ${seconds}`);
    }
  }));

Deno.test("A sample keeps its 24 bits, and one beyond full scale is clipped", () =>
  withFolder(async (folder) => {
    const quiet = 3 / 2 ** 23;
    const bytes = new Uint8Array(44 + 9 * 4);
    await writeWav(join(folder, "in.wav"), new Float32Array(9));
    bytes.set((await Deno.readFile(join(folder, "in.wav"))).subarray(0, 44));
    const view = new DataView(bytes.buffer);
    // Floating point of 32 bits.
    view.setUint16(20, 3, true);
    view.setUint16(34, 32, true);
    view.setUint32(40, 36, true);
    const samples = [0, quiet, -quiet, 0.5, -0.5, 1, -1, 1.5, -1.5];
    samples.forEach((sample, index) => view.setFloat32(44 + index * 4, sample, true));
    await Deno.writeFile(join(folder, "in.wav"), bytes);
    const { wav } = await extractFrom(join(folder, "in.wav"));
    const most = 1 - 1 / 2 ** 23;
    const found = (await soundOf(join(folder, wav))).samples;
    assert.deepEqual(found, [0, quiet, -quiet, 0.5, -0.5, most, -1, most, -1]);
  }));

Deno.test("Silence is a sound; no sound at all is not", () =>
  withFolder(async (folder) => {
    await writeWav(join(folder, "silence.wav"), new Float32Array(48_000));
    assert.equal((await extractFrom(join(folder, "silence.wav"))).seconds, 1);
    await writeWav(join(folder, "nothing.wav"), new Float32Array(0));
    await assert.rejects(extractFrom(join(folder, "nothing.wav")), FinalError);
  }));

async function stopOne(folder: string, ffmpeg: string | null): Promise<void> {
  await writeWav(join(folder, "long.wav"), new Float32Array(48_000 * 50));
  const stopping = new AbortController();
  const reason = new Error("stopped");
  const work = extractFrom(join(folder, "long.wav"), { ffmpeg, signal: stopping.signal });
  stopping.abort(reason);
  await assert.rejects(work, reason);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["long.wav"]);
}

Deno.test("The signal ends the work between two pieces, and leaves no file", () =>
  withFolder((folder) => stopOne(folder, null)));

testWithFfmpeg(
  "The signal ends ffmpeg, and leaves no file",
  () => withFolder((folder) => stopOne(folder, "ffmpeg")),
);
