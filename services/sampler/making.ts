/** Makes a sample in eight durable steps. After a crash, a stop or a failure, the completed ones are not run again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  FinalError,
  type QueueItem,
  type ServiceLog,
  type StepContext,
  StepError,
  type StepOptions,
} from "livecue/service";
import { analyse, type Analysis } from "./audio/analyse.ts";
import { extract, type Extracted } from "./audio/extract.ts";
import { drawWaveform } from "./audio/waveform.ts";
import { download } from "./download/download.ts";
import { videoKey } from "./download/resolve.ts";
import { readKey } from "./music_key.ts";
import type { Options } from "./options.ts";
import type { FileKind, Sample, StoredFiles } from "./sample.ts";
import type { Samples } from "./samples.ts";
import type { Storage } from "./storage/storage.ts";

export interface MakingOptions {
  options: Options;
  samples: Samples;
  storage: Storage;
  configFolder: string;
  log: ServiceLog;
}

export const stepNames = [
  "mark",
  "download",
  "extract",
  "waveform",
  "analyse",
  "upload",
  "save",
  "clean up",
] as const;
type StepName = (typeof stepNames)[number];

const minute = 60_000;
const fromNetwork = { retries: 5, backoffMs: 2_000 };
const ofFiles = { retries: 2, timeoutMs: 10 * minute };

const rules: Record<StepName, StepOptions> = {
  "mark": { ...fromNetwork, timeoutMs: minute },
  "download": { ...fromNetwork, timeoutMs: 20 * minute },
  "extract": ofFiles,
  "waveform": ofFiles,
  "analyse": ofFiles,
  "upload": { ...fromNetwork, timeoutMs: 60 * minute },
  "save": {},
  "clean up": {},
};

const waveformName = "waveform.png";
const contentTypes: Record<FileKind, string> = { mp3: "audio/mpeg", wav: "audio/wav", waveform: "image/png" };

/** Progress is stored when it has grown by this much. */
const leastProgress = 0.02;

/** A sample in the making: its step functions share this. */
interface Making extends MakingOptions {
  id: number;
  item: QueueItem;
  url: string;
  step: ReturnType<typeof reportedSteps>;
}

/**
 * Resolves to the sample; null if there is nothing to do, because it was deleted or is done, or because another sample
 * has the same video. Throws a `StepError`.
 */
export async function makeSample(
  id: number,
  item: QueueItem,
  options: MakingOptions,
): Promise<Sample | null> {
  const { samples } = options;
  const sample = samples.get(id);
  if (sample === null || (sample.status === "done" && item.attempt === 1)) return null;
  // A done sample comes again if a crash cut what follows "save".
  if (sample.status !== "done") samples.begin(id);
  const making = { ...options, id, item, url: sample.sourceUrl, step: reportedSteps(id, item, options) };
  if (!await isNewVideo(making)) return null;
  const sound = await fetchSound(making);
  const analysis = await hear(making, sound);
  const files = await upload(making, sound);
  await making.step("save", () => {
    const key = analysis.key === null ? null : readKey(analysis.key);
    samples.finish(id, { ...analysis, key, seconds: Math.round(sound.seconds * 1000) / 1000, files });
  });
  await making.step("clean up", () => Deno.remove(item.folder, { recursive: true }));
  return samples.get(id);
}

function isNewVideo({ step, url, options, samples, id }: Making): Promise<boolean> {
  return step("mark", async ({ signal }) => {
    const key = await videoKey(url, options, { signal, mayReadFiles: isFile(url) });
    return samples.identify(id, key) === null;
  });
}

async function fetchSound(
  { step, url, options, samples, id, item, configFolder }: Making,
): Promise<Extracted> {
  const source = await step("download", async ({ signal }, onProgress) => {
    const work = { folder: item.folder, configFolder, signal, onProgress, mayReadFiles: isFile(url) };
    const { file, container, info } = await download(url, options, work);
    samples.describe(id, info);
    return { file, container };
  });
  return await step(
    "extract",
    ({ signal }, onProgress) =>
      extract({ file: fileOf(item, source.file), container: source.container }, {
        folder: item.folder,
        ffmpeg: options.ffmpeg,
        maxSeconds: options.max_seconds,
        signal,
        onProgress,
      }),
  );
}

async function hear({ step, item }: Making, { wav }: Extracted): Promise<Analysis> {
  await step(
    "waveform",
    ({ signal }) => drawWaveform(fileOf(item, wav), join(item.folder, waveformName), signal),
  );
  return await step("analyse", ({ signal }) => analyse(fileOf(item, wav), signal));
}

function upload({ step, item, id, storage }: Making, { mp3, wav }: Extracted): Promise<StoredFiles> {
  return step("upload", async ({ signal }, onProgress) => {
    const stored: StoredFiles = {};
    const named = Object.entries({ mp3, wav, waveform: waveformName }) as [FileKind, string][];
    for (const [index, [kind, name]] of named.entries()) {
      const file = { path: fileOf(item, name), name: `${id}/${name}`, contentType: contentTypes[kind] };
      const ofAll = (fraction: number) => onProgress((index + fraction) / named.length);
      stored[kind] = await storage.put(file, { signal, onProgress: ofAll });
    }
    return stored;
  });
}

/** Only the streamer can request a file of this computer, and its link begins so. */
function isFile(url: string): boolean {
  return url.startsWith("file:");
}

/** The path of a file that an earlier step made. The files go when the item fails for good, and the results stay. */
function fileOf(item: QueueItem, name: string): string {
  const path = join(item.folder, name);
  if (existsSync(path)) return path;
  throw new FinalError(
    `the file ${name} of an earlier step was removed when the item failed. Request the sample again, ` +
      `or repeat everything: deno task livecue retry ${item.id} --from-start`,
  );
}

/** Marks the sample as failed: with the step, and the sentence of its error. */
export function failSample(id: number, error: Error, samples: Samples): { step: string; error: string } {
  const step = error instanceof StepError ? error.step : samples.get(id)?.step ?? stepNames[0];
  const [sentence = ""] = (error instanceof StepError ? error.error : error.message).split("\n");
  samples.fail(id, { step, error: sentence });
  return { step, error: sentence };
}

type Report = (fraction: number) => void;

/** Runs steps whose names and progress are shown in the library, too. */
function reportedSteps(
  id: number,
  item: QueueItem,
  { samples, log }: Pick<MakingOptions, "samples" | "log">,
) {
  return <Result>(
    name: StepName,
    run: (context: StepContext, onProgress: Report) => Result | Promise<Result>,
  ): Promise<Result> =>
    item.step(name, rules[name], (context) => {
      let last = 0;
      log.debug(`sample ${id}: ${name}`);
      if (name !== "clean up") samples.report(id, { step: name, progress: null });
      return run(context, (fraction) => {
        context.progress(fraction);
        if (fraction - last < leastProgress) return;
        last = fraction;
        samples.report(id, { step: name, progress: fraction });
      });
    });
}
