/** Asks one of RapidAPI's services where a video is. */
import { FinalError, RetryLaterError } from "livecue/service";
import { retryAfterMs } from "livecue/backoff";
import { cleanText } from "livecue/clean_text";
import { readSecret } from "livecue/secret";
import { type GuardedAnswer, guardedFetch, throwUnlessFound } from "../guarded_fetch.ts";
import { Guard, type Network } from "../guard.ts";
import type { DownloadOptions } from "../options.ts";
import type { FoundInfo } from "../source_info.ts";

export interface FoundVideo {
  info: FoundInfo;
  /** Of the video, and of its sound as MP3. */
  video: string | null;
  sound: string | null;
}

export interface RapidApiWork {
  options: DownloadOptions;
  configFolder: string;
  network: Network;
  signal: AbortSignal;
}

const maxAnswerBytes = 2_000_000;
const idleMs = 30_000;

/** Throws a `FinalError` for a wrong key or a video that is gone, and `RetryLaterError` where the quota is used up. */
export async function findVideo(url: string, work: RapidApiWork): Promise<FoundVideo> {
  const answer = await ask(url, work);
  const at = (pointer: string) => valueAt(answer, pointer);
  const { rapidapi: api } = work.options;
  const video = addressOf(at(api.video));
  const sound = addressOf(at(api.sound));
  if (video === null && sound === null) {
    const told = cleanText(String(at(api.message) ?? ""), 200);
    throw new FinalError(
      `${api.host} found no video for ${url}${
        told === "" ? "" : ` ("${told}")`
      }. It may be private or removed.`,
    );
  }
  const info = {
    url,
    videoId: at(api.id),
    creatorId: at(api.creator_id),
    creatorName: at(api.creator_name),
    description: at(api.description),
    views: at(api.views),
    likes: at(api.likes),
    seconds: at(api.seconds),
  };
  return { info, video, sound };
}

async function ask(url: string, { options, configFolder, network, signal }: RapidApiWork): Promise<unknown> {
  const { host, path } = options.rapidapi;
  const key = await readSecret("key", options.rapidapi, configFolder);
  if (key === undefined) {
    throw new FinalError(
      'RapidAPI needs your key: set "key_env" or "key_file" in "rapidapi". docs/services/sampler_sources.md says how.',
    );
  }
  const isPrivate = options.allow_private.includes(host);
  const guard = new Guard({ hosts: [host], media_hosts: [], allow_private: options.allow_private }, network);
  await using answer = await guardedFetch({
    url: new URL(
      `${isPrivate ? "http" : "https"}://${host}${path.replace("{url}", encodeURIComponent(url))}`,
    ),
    guard,
    hop: "links",
    maxBytes: maxAnswerBytes,
    maxRedirects: 0,
    timeoutMs: 2 * idleMs,
    idleMs,
    headers: { "x-rapidapi-key": key, "x-rapidapi-host": host, accept: "application/json" },
    signal,
  });
  throwUnlessAccepted(answer, host);
  const text = await textOf(answer);
  try {
    return JSON.parse(text);
  } catch {
    throw new RetryLaterError(`${host} did not answer with JSON. Try again later.`, { retryAfterMs: 0 });
  }
}

function throwUnlessAccepted(answer: GuardedAnswer, host: string): void {
  switch (answer.status) {
    case 401:
      throw new FinalError(`${host} does not accept the key (401). Copy your key from RapidAPI again.`);
    case 403:
      throw new FinalError(`${host} refuses the key (403). Subscribe to this API at RapidAPI first.`);
    case 429:
      throw new RetryLaterError(
        `The quota of your key at ${host} is used up (429). Wait, or choose a larger plan.`,
        {
          retryAfterMs: retryAfterMs(answer.headers.get("retry-after"), Date.now()),
        },
      );
    default:
      throwUnlessFound(answer);
  }
}

async function textOf(answer: GuardedAnswer): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of answer.body()) text += decoder.decode(piece, { stream: true });
  return text;
}

/** The value at a JSON pointer (RFC 6901); undefined if there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

function addressOf(value: unknown): string | null {
  return typeof value === "string" && URL.canParse(value) ? value : null;
}
