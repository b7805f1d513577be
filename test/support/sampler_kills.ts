/** Kills Livecue at the borders of the sampler's steps and inside of them, until every sample is made. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { sampleRate } from "../../services/sampler/audio/sound.ts";
import { WavWriter } from "../../services/sampler/audio/wav_writer.ts";
import { stepNames } from "../../services/sampler/making.ts";
import { FakeVideoHost } from "./fake_video_host.ts";
import { Choices } from "./kill_scene.ts";
import { livecue, query, startLivecue, writeConfig } from "./livecue.ts";
import { randomFrom } from "./rooms_scene.ts";
import { tone } from "./sounds.ts";

const serviceClass = fileURLToPath(new URL("../../services/sampler/main.ts", import.meta.url));
const fileNames = ["audio.mp3", "audio.wav", "waveform.png"];

export interface SamplerKills {
  samples: number;
  /** It kills at most this often, and less if all is done before. */
  kills: number;
  seed: number;
}

/** Throws an `AssertionError` if something was lost or done twice. Returns how often it killed. */
export async function killSampler(folder: string, { samples, kills, seed }: SamplerKills): Promise<number> {
  await using host = new FakeVideoHost();
  const sound = await soundIn(folder);
  const urls = Array.from({ length: samples }, (_, index) => {
    host.files.set(`${index}.wav`, sound);
    return `http://127.0.0.1:${host.port}/files/${index}.wav`;
  });
  writeConfig(folder, { services: { sampler: samplerBlock(`127.0.0.1:${host.port}`) } });
  for (let start = 0; start < samples; start += 50) {
    const added = await livecue(folder, "sampler", "add", ...urls.slice(start, start + 50));
    assert.equal(added.code, 0, added.stderr);
  }
  const killed = await runAndKill(folder, { kills, choices: new Choices(randomFrom(seed)) });
  await finish(folder);
  audit(folder, { samples, killed });
  assert.ok(host.requests.length <= samples + killed, `${host.requests.length} requests`);
  return killed;
}

export async function soundIn(folder: string): Promise<Uint8Array> {
  const path = join(folder, "tone.wav");
  using wav = await WavWriter.create(path);
  await wav.write({ channels: [tone(220, 3_000)], rate: sampleRate });
  await wav.finish();
  return await Deno.readFile(path);
}

export function samplerBlock(host: string): Record<string, unknown> {
  return {
    service_class: serviceClass,
    isolation: "process",
    max_concurrency: 1,
    // A kill of the whole program counts as a crash of the item.
    max_crashes: 50,
    emits: ["SampleRequestedEvent", "SampleEvent", "SampleFailedEvent"],
    permissions: { net: true },
    options: {
      port: 0,
      engine: "file",
      ffmpeg: null,
      hosts: [host],
      media_hosts: [host],
      allow_private: [host],
    },
    subscriptions: { SampleRequestedEvent: { is_async: true } },
  };
}

/** Each run is killed in a step that is drawn by lot, at its beginning or some turns later. */
async function runAndKill(
  folder: string,
  { kills, choices }: { kills: number; choices: Choices },
): Promise<number> {
  let killed = 0;
  for (let run = 0; run < kills; run++) {
    const running = startLivecue(folder, "work", "--verbose");
    const step = choices.of(...stepNames);
    const begun = running.line(new RegExp(`sample \\d+: ${step}$`)).catch(() => {});
    const isOver = areAllMade(folder);
    await Promise.race([begun, running.ended, ...isOver ? [Promise.resolve()] : []]);
    for (let turn = choices.of(0, 1, choices.whole(3_000)); turn > 0; turn--) await nextTurn();
    running.kill("SIGKILL");
    await running.ended;
    if (isOver) break;
    killed++;
  }
  return killed;
}

function areAllMade(folder: string): boolean {
  return statuses(folder).every(({ status }) => status === "done");
}

function statuses(folder: string): { status: string; error: string | null }[] {
  using database = new DatabaseSync(join(folder, "data/sampler/data.db"), { readOnly: true });
  return database.prepare("SELECT status, error FROM sample").all().map((row) => ({ ...row })) as {
    status: string;
    error: string | null;
  }[];
}

/** Runs it until the last sample is made. */
async function finish(folder: string): Promise<void> {
  const running = startLivecue(folder, "work", "--verbose");
  const open = statuses(folder).flatMap(({ status }, index) => status === "done" ? [] : [index + 1]);
  for (const id of open) await running.line(new RegExp(`sample ${id}: clean up$|"sampleId":${id},.*"error"`));
  running.kill("SIGINT");
  assert.equal((await running.ended).code, 0);
}

function audit(folder: string, { samples, killed }: { samples: number; killed: number }): void {
  assert.deepEqual(
    statuses(folder),
    Array.from({ length: samples }, () => ({ status: "done", error: null })),
  );
  const [steps] = query<Record<string, number>>(
    folder,
    "SELECT count(*) AS count, sum(attempts) AS tries, sum(status <> 'completed') AS open FROM item_step",
  );
  assert.equal(steps?.["count"], samples * stepNames.length);
  assert.equal(steps?.["open"], 0);
  const repeated = Number(steps?.["tries"]) - samples * stepNames.length;
  assert.ok(repeated <= killed, `${repeated} tries too many after ${killed} kills`);
  const [events] = query<Record<string, number>>(
    folder,
    "SELECT sum(event_type = 'SampleEvent') AS made, sum(event_type = 'SampleFailedEvent') AS failed FROM live_event",
  );
  assert.deepEqual({ ...events }, { made: samples, failed: 0 });
  const stored = filesBelow(join(folder, "data/sampler/samples"));
  const expected = Array.from(
    { length: samples },
    (_, index) => fileNames.map((name) => `${index + 1}/${name}`),
  );
  assert.deepEqual(stored.sort(), expected.flat().sort());
  assert.deepEqual([...Deno.readDirSync(join(folder, "data/sampler/items"))], []);
}

function filesBelow(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(join(folder, name), `${prefix}${name}/`) : [`${prefix}${name}`]
  );
}
