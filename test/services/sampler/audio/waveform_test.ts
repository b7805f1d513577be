import assert from "node:assert/strict";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { WavWriter } from "../../../../services/sampler/audio/wav_writer.ts";
import { drawWaveform } from "../../../../services/sampler/audio/waveform.ts";

const [width, height] = [1800, 280];
const never = new AbortController().signal;

/** Draws a second or so and returns the bytes of the picture. */
async function drawn(samples: Float32Array, signal = never): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "livecue_" });
  try {
    const [wav, png] = [join(folder, "audio.wav"), join(folder, "waveform.png")];
    {
      using writer = await WavWriter.create(wav);
      await writer.write({ channels: [samples], rate: 48_000 });
      await writer.finish();
    }
    await drawWaveform(wav, png, signal);
    return await Deno.readFile(png);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** For each column, how many dots of each color it has: ground, peak, mean. */
function columnsOf(png: Uint8Array<ArrayBuffer>): [number, number, number][] {
  const view = new DataView(png.buffer);
  assert.deepEqual([view.getUint32(16), view.getUint32(20)], [width, height]);
  let rows: Uint8Array = new Uint8Array();
  for (let place = 8; place < png.length; place += 12 + view.getUint32(place)) {
    const name = new TextDecoder().decode(png.subarray(place + 4, place + 8));
    if (name === "tRNS") assert.equal(png[place + 8], 0, "the ground is transparent");
    if (name === "IDAT") rows = inflateSync(png.subarray(place + 8, place + 8 + view.getUint32(place)));
  }
  return Array.from({ length: width }, (_, column) => {
    const counts: [number, number, number] = [0, 0, 0];
    for (let row = 0; row < height; row++) {
      const color = rows[row * (width + 1) + 1 + column] as 0 | 1 | 2;
      counts[color]++;
    }
    return counts;
  });
}

/** A tone that becomes louder until the end. */
function rising(loudest: number): Float32Array {
  return Float32Array.from({ length: 48_000 }, (_, i) => loudest * i / 48_000 * Math.sin(i / 10));
}

Deno.test("The picture shows where the sound is loud, in two tones, and enlarges a quiet song", async () => {
  for (const loudest of [0.9, 0.05]) {
    const columns = columnsOf(await drawn(rising(loudest)));
    const heard = columns.map(([ground]) => height - ground);
    assert.ok(Math.abs((heard[1700] as number) - 0.94 * height * 1700 / 1800) < 6, `${heard[1700]}`);
    assert.ok(Math.abs((heard[900] as number) / (heard[1799] as number) - 0.5) < 0.03);
    const [, peak, mean] = columns[1700] as [number, number, number];
    assert.ok(Math.abs(mean / (mean + peak) - Math.SQRT1_2) < 0.06, `${mean} of ${mean + peak}`);
  }
});

Deno.test("Silence is a line, and so is a hiss that nobody hears", async () => {
  for (const column of columnsOf(await drawn(new Float32Array(48_000)))) {
    assert.deepEqual(column, [278, 0, 2]);
  }
  const hiss = Float32Array.from({ length: 48_000 }, (_, index) => index % 2 === 0 ? 1e-4 : -1e-4);
  assert.ok(columnsOf(await drawn(hiss)).every(([ground]) => ground >= 276));
});

Deno.test("A sound of ten samples fills the picture", async () => {
  const columns = columnsOf(await drawn(new Float32Array(10).fill(0.5)));
  assert.ok(columns.every(([ground]) => ground < 20));
});

Deno.test("The same sound gives the same bytes", async () => {
  assert.deepEqual(await drawn(rising(0.5)), await drawn(rising(0.5)));
});

Deno.test("The signal ends the drawing", async () => {
  const reason = new Error("stopped");
  await assert.rejects(drawn(rising(0.5), AbortSignal.abort(reason)), reason);
});
