/** Brings a video or a sound into a folder, by the engine that the options name. */
import { FinalError } from "livecue/service";
import { join } from "node:path";
import { type Container, containerOf, describeBytes, headBytes } from "./container.ts";
import { findVideo } from "./engines/rapidapi.ts";
import { downloadByYtDlp } from "./engines/yt_dlp.ts";
import { Guard, type Hop, internet, type Network } from "./guard.ts";
import { hostOf } from "./hosts.ts";
import { isTikTok } from "./links.ts";
import type { DownloadOptions } from "./options.ts";
import { openFile, resolveLink, tooLarge } from "./resolve.ts";
import { type FoundInfo, secondsOf, type SourceInfo, sourceInfo } from "./source_info.ts";
import { transfer, transferredName } from "./transfer.ts";

export interface Download {
  /** Its name in the folder. */
  file: string;
  /** As its bytes say. */
  container: Container;
  bytes: number;
  info: SourceInfo;
}

export interface DownloadWork {
  /** Only this download's. A download that was cut continues with what is in it. */
  folder: string;
  signal: AbortSignal;
  /** Relative paths in the options start here. */
  configFolder: string;
  onProgress?: ((fraction: number) => void) | undefined;
  network?: Network;
  /** Whether a URL with "file:" may be read: only where the streamer named it, never for a viewer. Default false. */
  mayReadFiles?: boolean;
}

/** A file in the folder, and what the engine knows about it. */
interface Fetched {
  file: string;
  info: FoundInfo;
}

const doneName = "download.json";

/**
 * `url` is a link, or "file:" with a file of this computer, as `fileSource` makes it. Called again after it was cut, it
 * continues; called again after its end, it gives the same result without a request. Throws a `FinalError` where a
 * further try cannot help, else a `UserError`; `RetryLaterError` has the pause that the server wants.
 */
export async function download(url: string, options: DownloadOptions, work: DownloadWork): Promise<Download> {
  const done = await readDone(url, work.folder);
  if (done !== null) return done;
  const { file, info } = await fetchBy(url, options, work);
  throwIfTooLong(info, options);
  const path = join(work.folder, file);
  const { size: bytes } = await Deno.stat(path);
  const maxBytes = bytesOf(options);
  if (bytes > maxBytes) throw new FinalError(tooLarge(new URL(`file:///${file}`), maxBytes));
  const container = await identify(path, info.url);
  const found: Download = { file: `source.${container}`, container, bytes, info: sourceInfo(info) };
  await Deno.rename(path, join(work.folder, found.file));
  await writeDone(url, found, work.folder);
  return found;
}

async function fetchBy(url: string, options: DownloadOptions, work: DownloadWork): Promise<Fetched> {
  if (work.mayReadFiles && url.startsWith("file:")) return await copy(new URL(url), options, work.folder);
  const link = await resolveLink(url, options, work);
  const isPage = isTikTok(new URL(link.url));
  switch (options.engine) {
    case "yt_dlp":
      return await downloadByYtDlp(link.url, {
        program: options.yt_dlp.program,
        guard: new Guard(options, work.network),
        folder: work.folder,
        maxBytes: bytesOf(options),
        maxSeconds: options.max_seconds,
        timeoutMs: options.download_timeout_seconds * 1000,
        signal: work.signal,
        onProgress: work.onProgress,
      });
    case "rapidapi":
      return isPage
        ? await byRapidApi(link.url, options, work)
        : await direct(link.url, "links", options, work);
    case "file":
      if (!isPage) return await direct(link.url, "links", options, work);
      throw new FinalError(
        'TikTok\'s links need another engine: set "engine" to "yt_dlp" or "rapidapi". ' +
          "docs/services/sampler_sources.md compares them.",
      );
  }
}

async function byRapidApi(url: string, options: DownloadOptions, work: DownloadWork): Promise<Fetched> {
  const { signal, configFolder, network = internet } = work;
  const { info, video, sound } = await findVideo(url, { options, signal, configFolder, network });
  throwIfTooLong(info, options);
  const isSoundFirst = options.rapidapi.take === "sound";
  const address = (isSoundFirst ? sound ?? video : video ?? sound) ?? url;
  const { file } = await direct(address, "media", options, work);
  return { file, info };
}

function throwIfTooLong(info: FoundInfo, { max_seconds }: DownloadOptions): void {
  const seconds = secondsOf(info.seconds);
  if (seconds === null || seconds <= max_seconds) return;
  throw new FinalError(
    `The video has ${Math.round(seconds)} s, and "max_seconds" is ${max_seconds}. Use a shorter one.`,
  );
}

async function direct(
  url: string,
  hop: Hop,
  options: DownloadOptions,
  { folder, signal, onProgress, network }: DownloadWork,
): Promise<Fetched> {
  await transfer({
    url: new URL(url),
    guard: new Guard(options, network),
    hop,
    maxBytes: bytesOf(options),
    maxRedirects: options.max_redirects,
    timeoutMs: options.download_timeout_seconds * 1000,
    idleMs: options.idle_timeout_seconds * 1000,
    signal,
    folder,
    onProgress,
  });
  return { file: transferredName, info: { url } };
}

/** The copy may be changed and removed; the user's own file may not. */
async function copy(url: URL, options: DownloadOptions, folder: string): Promise<Fetched> {
  using source = await openFile(url);
  const { size } = await source.stat();
  if (size > bytesOf(options)) throw new FinalError(tooLarge(url, bytesOf(options)));
  if (size === 0) throw new FinalError(`The file ${decodeURIComponent(url.pathname)} is empty.`);
  using target = await Deno.open(join(folder, transferredName), {
    create: true,
    write: true,
    truncate: true,
  });
  const buffer = new Uint8Array(64 * 1024);
  for (let count = await source.read(buffer); count !== null; count = await source.read(buffer)) {
    for (let done = 0; done < count;) done += await target.write(buffer.subarray(done, count));
  }
  return { file: transferredName, info: { url: url.href } };
}

/** Removes what is no sound, so that a further try does not continue it. */
async function identify(path: string, url: string): Promise<Container> {
  const head = new Uint8Array(headBytes);
  let length = 0;
  {
    using file = await Deno.open(path);
    for (let count: number | null = 0; count !== null && length < head.length; length += count ?? 0) {
      count = await file.read(head.subarray(length));
    }
  }
  const start = head.subarray(0, length);
  const container = containerOf(start);
  if (container !== null) return container;
  await Deno.remove(path);
  const from = url.startsWith("file:") ? "The file" : hostOf(new URL(url));
  const verb = url.startsWith("file:") ? "is" : "sent";
  throw new FinalError(
    `${from} ${verb} ${describeBytes(start)} in place of a video or a sound. Check the link in a browser.`,
  );
}

async function readDone(url: string, folder: string): Promise<Download | null> {
  try {
    const done: { url: string; download: Download } = JSON.parse(
      await Deno.readTextFile(join(folder, doneName)),
    );
    const { size } = await Deno.stat(join(folder, done.download.file));
    return done.url === url && size === done.download.bytes ? done.download : null;
  } catch {
    // It has not ended yet.
    return null;
  }
}

async function writeDone(url: string, download: Download, folder: string): Promise<void> {
  const path = join(folder, doneName);
  await Deno.writeTextFile(`${path}.part`, JSON.stringify({ url, download }));
  await Deno.rename(`${path}.part`, path);
}

function bytesOf({ max_mb }: DownloadOptions): number {
  return Math.floor(max_mb * 1_000_000);
}
