/** Makes a sample in eight durable steps. After a crash, a stop or a failure, the completed ones are not run again. */
import { join } from "node:path";
import {
  type QueueItem,
  type ServiceLog,
  type StepContext,
  StepError,
  type StepOptions,
} from "livecue/service";
import { analyse } from "./audio/analyse.ts";
import { extract } from "./audio/extract.ts";
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

/**
 * Resolves to the sample; null if there is nothing to do, because it was deleted or is done, or because another sample
 * has the same video. Throws a `StepError`.
 */
export async function makeSample(
  id: number,
  item: QueueItem,
  { options, samples, storage, configFolder, log }: MakingOptions,
): Promise<Sample | null> {
  const step = reportedSteps(id, item, { samples, log });
  const sample = samples.get(id);
  if (sample === null || (sample.status === "done" && item.attempt === 1)) return null;
  // A done sample comes again if a crash cut the steps behind "save".
  if (sample.status !== "done") samples.begin(id);
  const { sourceUrl } = sample;
  const mayReadFiles = sourceUrl.startsWith("file:");

  const isNew = await step("mark", async ({ signal }) => {
    const key = await videoKey(sourceUrl, options, { signal, mayReadFiles });
    return samples.identify(id, key) === null;
  });
  if (!isNew) return null;

  const source = await step("download", async ({ signal }, onProgress) => {
    const work = { folder: item.folder, configFolder, signal, onProgress, mayReadFiles };
    const { file, container, info } = await download(sourceUrl, options, work);
    samples.describe(id, info);
    return { file, container };
  });

  const sound = await step(
    "extract",
    ({ signal }, onProgress) =>
      extract({ file: join(item.folder, source.file), container: source.container }, {
        folder: item.folder,
        ffmpeg: options.ffmpeg,
        maxSeconds: options.max_seconds,
        signal,
        onProgress,
      }),
  );
  await step(
    "waveform",
    ({ signal }) => drawWaveform(join(item.folder, sound.wav), join(item.folder, waveformName), signal),
  );
  const analysis = await step("analyse", ({ signal }) => analyse(join(item.folder, sound.wav), signal));

  const files = await step("upload", async ({ signal }, onProgress) => {
    const stored: StoredFiles = {};
    const named = Object.entries({ mp3: sound.mp3, wav: sound.wav, waveform: waveformName }) as [
      FileKind,
      string,
    ][];
    for (const [index, [kind, name]] of named.entries()) {
      const file = { path: join(item.folder, name), name: `${id}/${name}`, contentType: contentTypes[kind] };
      const ofAll = (fraction: number) => onProgress((index + fraction) / named.length);
      stored[kind] = await storage.put(file, { signal, onProgress: ofAll });
    }
    return stored;
  });

  await step("save", () => {
    const key = analysis.key === null ? null : readKey(analysis.key);
    samples.finish(id, { ...analysis, key, seconds: Math.round(sound.seconds * 1000) / 1000, files });
  });
  await step("clean up", () => Deno.remove(item.folder, { recursive: true }));
  return samples.get(id);
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
