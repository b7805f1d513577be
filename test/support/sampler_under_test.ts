/** The sampler in a real worker, on a port and in a folder of its own, and samples for its library. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrations } from "../../services/sampler/migrations.ts";
import type { FileKind, StoredFiles } from "../../services/sampler/sample.ts";
import { type Description, type Result, Samples } from "../../services/sampler/samples.ts";
import { openDatabase } from "../../src/kit/database.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";
import { withFolder } from "./temporary_store.ts";

export const samplerModule = fileURLToPath(new URL("../../services/sampler/main.ts", import.meta.url));

export type Done = Partial<Result & Description> & { content?: Record<FileKind, Uint8Array<ArrayBuffer>> };

export interface SamplerUnderTest extends AsyncDisposable {
  /** As http://127.0.0.1:40123. */
  url: string;
  folder: string;
  tested: RunnerUnderTest;
  /** The same library, as another process sees it. */
  samples: Samples;
  /** The token of other programs. */
  token: string;
  /** Adds a sample that is done, with its files. Returns its id. */
  add(done?: Done): number;
}

const content: Record<FileKind, Uint8Array<ArrayBuffer>> = {
  mp3: new Uint8Array(1000).map((_, index) => index % 251),
  wav: new Uint8Array(5000).map((_, index) => index % 13),
  waveform: new Uint8Array([137, 80, 78, 71]),
};

const names: Record<FileKind, string> = { mp3: "audio.mp3", wav: "audio.wav", waveform: "waveform.png" };

export async function startSampler(
  { options = {}, folder }: { options?: Record<string, unknown>; folder: string },
): Promise<SamplerUnderTest> {
  const tested = new RunnerUnderTest(makeService(samplerModule, {
    permissions: { ...noPermissions, net: ["127.0.0.1"] },
    emits: ["SampleRequestedEvent"],
    dataFolder: folder,
    options: { port: 0, ...options },
  }));
  await tested.runner.start();
  const { text } = await tested.log.heard(/http:\/\/127\.0\.0\.1:\d+/);
  const [url = ""] = text.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
  const database = openDatabase(join(folder, "data.db"), migrations);
  const samples = new Samples(database);
  return {
    url,
    folder,
    tested,
    samples,
    token: String(tested.feed.state.get("service token")),
    add: (done) => addDone(samples, folder, done),
    [Symbol.asyncDispose]: async () => {
      database.close();
      await tested[Symbol.asyncDispose]();
    },
  };
}

/** A test with the sampler in a folder of its own. */
export function testSampler(
  name: string,
  use: (sampler: SamplerUnderTest) => Promise<void>,
  options: Record<string, unknown> = {},
): void {
  Deno.test(name, () =>
    withFolder(async (folder) => {
      await using sampler = await startSampler({ options, folder });
      await use(sampler);
    }));
}

let videos = 7_301_000_000_000_000_000n;

export function addDone(samples: Samples, folder: string, given: Done = {}): number {
  const video = videos++;
  const url = `https://www.tiktok.com/@ana/video/${video}`;
  const { id } = samples.request({ url, videoKey: `tiktok:${video}`, requestedBy: "Ana" }).sample;
  samples.announce(id);
  samples.begin(id);
  samples.describe(id, {
    creator: { id: "ana", name: "Ana" },
    description: "A song",
    tags: ["piano"],
    views: 10,
    likes: 2,
    seconds: 12,
    ...given,
  });
  const files: StoredFiles = {};
  for (
    const [kind, bytes] of Object.entries(given.content ?? content) as [FileKind, Uint8Array<ArrayBuffer>][]
  ) {
    const name = `${id}/${names[kind]}`;
    const path = join(folder, "samples", name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeFileSync(path, bytes);
    files[kind] = { name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  }
  samples.finish(id, {
    bpm: 120,
    halfBpm: 60,
    doubleBpm: 240,
    key: "Am",
    keyStrength: 0.8,
    loudnessLufs: -14,
    ...given,
    seconds: given.seconds ?? 12,
    files,
  });
  return id;
}
