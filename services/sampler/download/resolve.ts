/** Finds out which video a link leads to. */
import { FinalError } from "livecue/service";
import { createHash } from "node:crypto";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cleanText } from "livecue/clean_text";
import { megabytes } from "./body.ts";
import { Guard, internet, type Network } from "./guard.ts";
import { guardedFetch, throwUnlessFound } from "./guarded_fetch.ts";
import { isTikTok, type Link, readLink } from "./links.ts";
import type { DownloadOptions } from "./options.ts";

export type ResolvedLink = Link & { key: string };

interface ResolveWork {
  signal: AbortSignal;
  /** Whether a URL with "file:" may be read: only where the streamer named it, never for a viewer. Default false. */
  mayReadFiles?: boolean;
  network?: Network;
}

/** Much more than the page to which a short link leads. */
const maxPageBytes = 10_000_000;

/** The same video has the same key, whatever its link: "tiktok:7301…". Follows a short link. */
export async function videoKey(url: string, options: DownloadOptions, work: ResolveWork): Promise<string> {
  return (await resolveLink(url, options, work)).key;
}

/** Follows the redirects of a short link; any other link is known already. */
export async function resolveLink(
  text: string,
  options: DownloadOptions,
  { signal, network = internet, mayReadFiles = false }: ResolveWork,
): Promise<ResolvedLink> {
  if (mayReadFiles && text.startsWith("file:")) {
    return { url: text, key: await keyOfFile(new URL(text), options) };
  }
  const link = readLink(text, options);
  if (link.key !== null) return { url: link.url, key: link.key };
  const leadsTo = { link: null as ResolvedLink | null };
  await using answer = await guardedFetch({
    url: new URL(link.url),
    guard: new Guard({ ...options, media_hosts: [] }, network),
    hop: "links",
    maxBytes: maxPageBytes,
    maxRedirects: options.max_redirects,
    timeoutMs: options.download_timeout_seconds * 1000,
    idleMs: options.idle_timeout_seconds * 1000,
    signal,
    follow: (to) => {
      leadsTo.link = videoOf(to, options);
      return leadsTo.link === null;
    },
  });
  if (leadsTo.link !== null) return leadsTo.link;
  throwUnlessFound(answer);
  throw new FinalError(
    `The short link ${link.url} leads to no video: it has expired, or the video was removed.`,
  );
}

/** A file on this computer, as a URL with "file:". `folder` is where a relative path starts. */
export function fileSource(path: string, folder: string): string {
  return pathToFileURL(isAbsolute(path) ? path : resolve(folder, path)).href;
}

function videoOf(to: URL, options: DownloadOptions): ResolvedLink | null {
  if (!isTikTok(to)) return null;
  try {
    const { url, key } = readLink(to.href, options);
    return key === null ? null : { url, key };
  } catch {
    // The way continues, or ends at a page without a video.
    return null;
  }
}

/** The same content is the same sample, whatever its name. */
async function keyOfFile(url: URL, { max_mb }: DownloadOptions): Promise<string> {
  using file = await openFile(url);
  const maxBytes = max_mb * 1_000_000;
  const { size } = await file.stat();
  if (size > maxBytes) throw new FinalError(tooLarge(url, maxBytes));
  const hash = createHash("sha256");
  for await (const piece of file.readable) hash.update(piece);
  return `file:${hash.digest("hex").slice(0, 32)}`;
}

export function tooLarge(url: URL, maxBytes: number): string {
  return `The file ${nameOf(url)} is larger than ${megabytes(maxBytes)} MB ("max_mb"). Use a shorter one.`;
}

/** Throws a `FinalError` if there is no such file, or it may not be read. */
export async function openFile(url: URL): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(url);
    if ((await file.stat()).isFile) return file;
    file.close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new FinalError(`There is no file ${nameOf(url)}.`);
    if (error instanceof Deno.errors.NotCapable) {
      throw new FinalError(
        `The sampler may not read ${nameOf(url)}: add its folder to the list "read" in its "permissions".`,
      );
    }
    throw new FinalError(`The file ${nameOf(url)} cannot be read.`);
  }
  throw new FinalError(`${nameOf(url)} is not a file.`);
}

function nameOf(url: URL): string {
  return cleanText(decodeURIComponent(url.pathname), 300);
}
