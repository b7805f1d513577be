/**
 * Replaces the connector's requests to TikTok's website with ones that are bounded in time, size and redirects. The
 * connector would read an answer of any length.
 */
import { Buffer } from "node:buffer";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import type { WebcastHttpClient } from "tiktok-live-connector";
import { type Clock, limit } from "../../clock.ts";
import { t } from "../../language.ts";

export interface WebRequestOptions {
  clock: Clock;
  /** Cancels all requests. */
  signal: AbortSignal;
  /** The configured base URL; null: TikTok's own. */
  web: string | null;
}

/** After inflating. A live's page has about 400 KB, an API answer less. */
const maxAnswerBytes = 4 * 1024 * 1024;
/** The time limit, including all redirects. */
const answerLimitMs = 10_000;
const maxRedirects = 3;

/** A request of the connector. */
interface ConnectorRequest {
  host: string;
  path: string;
  searchParams?: Record<string, string>;
  headers?: Record<string, string>;
  responseType?: "text" | "json" | "buffer";
}

/** Replaces the client's `request`. Rejects with a reason if the answer is unusable. */
export function boundRequests(client: WebcastHttpClient, options: WebRequestOptions): void {
  const bounded = client as unknown as { request(request: ConnectorRequest): Promise<{ body: unknown }> };
  bounded.request = async ({ host, path, searchParams, headers, responseType }) => {
    const query = new URLSearchParams({ ...client.clientParams, ...searchParams });
    const url = addressFor(`https://${host}/${path}?${query}`, options.web);
    const all = { ...client.clientHeaders, ...headers };
    const body = await withinTime(
      options,
      (signal) => fetchBody(url, { ...options, client, headers: all, signal }),
    );
    return { body: responseType === "json" ? JSON.parse(body.toString()) : body.toString() };
  };
}

async function withinTime<Value>(
  { clock, signal }: WebRequestOptions,
  ask: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const over = new AbortController();
  const why = new Error(t`no complete answer within ${answerLimitMs / 1000} s`);
  const cancel = limit(clock, answerLimitMs, () => over.abort(why));
  try {
    return await ask(AbortSignal.any([signal, over.signal]));
  } catch (error) {
    throw over.signal.aborted ? why : error;
  } finally {
    cancel();
  }
}

interface FetchOptions extends WebRequestOptions {
  client: WebcastHttpClient;
  headers: Record<string, string>;
}

async function fetchBody(first: URL, { client, web, headers, signal }: FetchOptions): Promise<Buffer> {
  let url = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const { cookieJar } = client;
    const cookie = await cookieJar.getCookieString();
    const response = await respond(url, { ...headers, Cookie: cookie }, signal);
    for (const each of response.headers["set-cookie"] ?? []) await cookieJar.processSetCookieHeader(each);
    const { statusCode = 0, headers: { location } } = response;
    if (statusCode >= 200 && statusCode < 300) return await readBody(response);
    response.destroy();
    if (statusCode < 300 || statusCode >= 400 || location === undefined) {
      throw new Error(t`status ${statusCode}`);
    }
    url = redirected(location, url, web);
  }
  throw new Error(t`more than ${maxRedirects} redirects`);
}

function respond(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
  const { get } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    get(url, { headers, signal, agent: false }, resolve).on("error", reject);
  });
}

/** Allows redirects only to TikTok, or within the configured server. */
function redirected(location: string, from: URL, web: string | null): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : null;
  const isWeb = to?.protocol === "https:" || to?.protocol === "http:";
  if (to === null || !isWeb || (!isTikTok(to) && to.origin !== from.origin)) {
    throw new Error(t`a redirect to a server that is not TikTok's`);
  }
  return addressFor(to.href, web);
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of inflated(response)) {
      length += part.length;
      if (length > maxAnswerBytes) {
        throw new Error(t`an answer of more than ${maxAnswerBytes / 1024 / 1024} MB`);
      }
      parts.push(part);
    }
  } finally {
    response.destroy();
  }
  return Buffer.concat(parts, length);
}

function inflated(response: IncomingMessage): Readable {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  const inflate = encoding === "gzip" ? createGunzip() : encoding === "deflate" ? createInflate() : null;
  if (inflate === null) return response;
  response.on("error", (error) => inflate.destroy(error)).on("aborted", () => inflate.destroy());
  return response.pipe(inflate);
}

/** Always uses https for TikTok; a configured endpoint is used as given. */
export function addressFor(requested: string, web: string | null): URL {
  const url = new URL(requested);
  if (!isTikTok(url)) return url;
  if (web !== null) return new URL(`${web.replace(/\/+$/, "")}${url.pathname}${url.search}`);
  url.protocol = "https:";
  return url;
}

function isTikTok({ hostname }: URL): boolean {
  return /(^|\.)tiktok\.com$/.test(hostname);
}
