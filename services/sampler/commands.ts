/** The service's commands. They read and write its database, so most of them need no running Livecue. */
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { pagesCheck } from "livecue/pages";
import { pruneCommand } from "livecue/prune";
import { readSecret } from "livecue/secret";
import { type ServiceCommand, type ServiceCommandContext, UserError } from "livecue/service";
import { ffmpegVersion } from "./audio/ffmpeg.ts";
import { deleteSample } from "./deletion.ts";
import { doorOf } from "./door.ts";
import { ytDlpVersion } from "./download/engines/yt_dlp.ts";
import { readLink } from "./download/links.ts";
import { listArguments } from "./list_arguments.ts";
import { migrations } from "./migrations.ts";
import type { Options } from "./options.ts";
import { type Sample, titleOf } from "./sample.ts";
import { Samples } from "./samples.ts";
import { openStorage } from "./storage/open_storage.ts";

type Context = ServiceCommandContext<Options>;
type Command = ServiceCommand<Options>;

const titleLength = 60;

export const add: Command = {
  description: "requests samples; they are made as soon as Livecue runs",
  usage: "URL|FILE…",
  async run(context, ...given) {
    if (given.length === 0) {
      throw new UserError("The link is missing. Write it as: add https://www.tiktok.com/@NAME/video/NUMBER");
    }
    const requests = [];
    for (const text of given) requests.push(await requestOf(context, text));
    const samples = libraryOf(context);
    for (const request of requests) {
      const { sample: { id, status }, isNew } = samples.request({ ...request, requestedBy: "command" });
      const when = context.isLivecueRunning ? "" : " Livecue makes it when it runs.";
      context.print(
        isNew ? `Sample ${id} is requested.${when}` : `Sample ${id} is the same video: it is ${status}.`,
      );
    }
  },
};

export const list: Command = {
  description: "lists the samples",
  usage: "[--search TEXT] [--creator NAME] [--bpm 90-110] [--key Am] [--status done] [--sort bpm] [--json]",
  run(context, ...args) {
    const { isJson, ...search } = listArguments(args);
    const samples = libraryOf(context);
    let count = 0;
    let cursor: string | null = null;
    if (isJson) context.print("[");
    do {
      const page = samples.list({ ...search, limit: 100, cursor: cursor ?? undefined });
      for (const sample of page.samples) {
        const comma = count++ > 0 ? "," : "";
        context.print(isJson ? comma + JSON.stringify(sample) : lineOf(sample));
      }
      cursor = page.nextCursor;
    } while (cursor !== null && !context.signal.aborted);
    if (isJson) context.print("]");
    else if (count === 0) context.print(emptyText(samples));
  },
};

export const show: Command = {
  description: "shows all that is known of a sample",
  usage: "ID",
  run(context, ...args) {
    context.print(JSON.stringify(sampleOf(libraryOf(context), args, "show 12"), null, 2));
  },
};

export const retry: Command = {
  description: "requests a sample again that failed, or whose work does not go on",
  usage: "ID",
  run(context, ...args) {
    const samples = libraryOf(context);
    const { id } = samples.retry(sampleOf(samples, args, "retry 12").id);
    const when = context.isLivecueRunning ? "" : " Livecue makes it when it runs.";
    context.print(`Sample ${id} is requested again.${when}`);
  },
};

const deletion: Command = {
  description: "deletes a sample and its stored files",
  usage: "ID --yes",
  async run(context, ...args) {
    const samples = libraryOf(context);
    const sample = sampleOf(samples, args.filter((arg) => arg !== "--yes"), "delete 12 --yes");
    if (!args.includes("--yes")) {
      context.print(lineOf(sample));
      throw new UserError(
        `This deletes the sample and its files. To do it, write: delete ${sample.id} --yes`,
      );
    }
    await deleteSample(samples, await storageOf(context), sample.id);
    context.print(`Sample ${sample.id} is deleted.`);
  },
};

/** The library itself is no old data, so samples that are done stay. */
export const prune = pruneCommand<Options>({
  what: ["request that failed", "requests that failed"],
  async deleteBefore(context, before, { isDryRun }) {
    const samples = libraryOf(context);
    const failed = samples.failedBefore(before);
    if (isDryRun) return failed.length;
    const storage = await storageOf(context);
    for (const id of failed) await deleteSample(samples, storage, id);
    samples.removeUnnamedCreators();
    return failed.length;
  },
});

export const token: Command = {
  description: "prints the call with which other programs request a sample, including the token",
  async run({ options, configFolder, database, print }) {
    const door = doorOf(database(migrations));
    if (door === null) throw new UserError("The service has not run yet: start Livecue first.");
    const token = await readSecret("token", options, configFolder) ?? door.token;
    print(
      `curl ${door.url}/samples -H "Authorization: Bearer ${token}" -H "Content-Type: application/json" ` +
        `-d '{"url": "https://www.tiktok.com/@NAME/video/NUMBER"}'`,
    );
  },
};

export const check: Command = {
  description: "checks whether the page can be shown, files can be stored, and the programs are there",
  async run(context) {
    await pagesCheck.run(context);
    await (await storageOf(context)).check(context.signal);
    context.print("Files can be stored.");
    await checkPrograms(context);
  },
};

export const commands = { add, list, show, retry, delete: deletion, prune, token, check };

/** Without ffmpeg, some samples can be made. Without its engine, none of TikTok's. */
async function checkPrograms({ options, signal, log, print }: Context): Promise<void> {
  const { ffmpeg, engine, yt_dlp } = options;
  const withoutFfmpeg = "Without ffmpeg, the sampler reads MP3, WAV, Ogg and FLAC, but not TikTok's videos.";
  if (ffmpeg === null) log.warn(withoutFfmpeg);
  else {
    try {
      print(`ffmpeg ${await ffmpegVersion(ffmpeg, signal)} converts the sound.`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      log.warn(`${error.message} ${withoutFfmpeg}`);
    }
  }
  if (engine === "yt_dlp") {
    print(`yt-dlp ${await ytDlpVersion(yt_dlp.program, signal)} downloads the videos.`);
  }
}

function libraryOf({ database }: Context): Samples {
  return new Samples(database(migrations));
}

function storageOf({ options, folder, configFolder }: Context) {
  return openStorage(options.storage, { dataFolder: folder, configFolder });
}

/** A link, or a file on this computer. Throws a `UserError` if it is neither. */
async function requestOf(
  { options }: Context,
  text: string,
): Promise<{ url: string; videoKey: string | null }> {
  const isFile = !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && await isThere(text);
  if (isFile) {
    return { url: pathToFileURL(isAbsolute(text) ? text : resolve(text)).href, videoKey: null };
  }
  const { url, key } = readLink(text, options);
  return { url, videoKey: key };
}

/** Throws a `UserError` if it can only be a file, and the sampler may not read it or there is none. */
async function isThere(path: string): Promise<boolean> {
  const isPath = /^(?:\.{0,2}[\\/]|~|[a-z]:)/i.test(path);
  try {
    if ((await Deno.stat(path)).isFile) return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable && isPath) {
      throw new UserError(
        `The sampler may not read ${path}: add the file's folder to "read" in the service's "permissions".`,
      );
    }
  }
  if (isPath) throw new UserError(`There is no file ${path}: check the path.`);
  return false;
}

function sampleOf(samples: Samples, args: string[], example: string): Sample {
  const [text = "", ...others] = args;
  if (!/^\d{1,15}$/.test(text) || others.length > 0) {
    throw new UserError(`Write the number of one sample, as: ${example}. "list" shows the numbers.`);
  }
  const sample = samples.find(Number(text));
  if (sample === null) throw new UserError(`There is no sample ${text}: "list" shows the samples.`);
  return sample;
}

function lineOf(sample: Sample): string {
  const { id, status, bpm, key, seconds, step, error } = sample;
  const [title = ""] = titleOf(sample).match(new RegExp(`^.{0,${titleLength}}`, "su")) ?? [];
  const known = [
    bpm === null ? "" : `${Math.round(bpm)} bpm`,
    key ?? "",
    seconds === null ? "" : `${Math.round(seconds)} s`,
  ].filter((part) => part !== "").join(" · ");
  const state = status === "failed" ? `failed at ${step ?? "the start"}: ${error ?? ""}` : status;
  return [String(id).padStart(5), title.replace(/\s+/g, " "), known, status === "done" ? "" : state]
    .filter((part) => part !== "").join("  ");
}

function emptyText(samples: Samples): string {
  const isEmpty = samples.list({ limit: 1 }).samples.length === 0;
  return isEmpty ? 'There are no samples yet. Add the first one with "add URL".' : "No sample matches.";
}
