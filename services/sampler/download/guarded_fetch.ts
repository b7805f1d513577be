/** Requests to hosts that strangers chose: each hop is checked, and each answer has limits. */
import { retryAfterMs } from "livecue/backoff";
import http from "node:http";
import https from "node:https";
import { isIPv6 } from "node:net";
import { limit } from "livecue/limit";
import { FinalError, RetryLaterError, UserError } from "livecue/service";
import { decodedBody } from "./body.ts";
import type { Guard, Hop } from "./guard.ts";
import { hostOf } from "./hosts.ts";

export interface GuardedRequest {
  url: URL;
  guard: Guard;
  /** What the first URL is. A redirect counts as "media". */
  hop: Hop;
  maxBytes: number;
  maxRedirects: number;
  /** For everything from the first connection to the last byte. */
  timeoutMs: number;
  /** The longest silence of the server. */
  idleMs: number;
  headers?: Record<string, string>;
  /** Returns false to get the redirect as the answer. Without it, all redirects are followed. */
  follow?: (to: URL) => boolean;
  signal: AbortSignal;
}

export interface GuardedAnswer extends AsyncDisposable {
  /** The last hop's. */
  url: URL;
  status: number;
  headers: Headers;
  /** The whole length as the server says, before decoding; null if unknown. */
  bytes: number | null;
  /**
   * The decoded bytes, at most `maxBytes`. Throws a `FinalError` beyond that, and a `UserError` if the connection was
   * cut or the server was silent.
   */
  body(): AsyncGenerator<Uint8Array>;
}

const maxHeaderBytes = 64 * 1024;
const userAgent = "Mozilla/5.0 (compatible; Livecue)";

/** Follows redirects, each checked. Throws a `FinalError` where a further try cannot help, else a `UserError`. */
export async function guardedFetch(request: GuardedRequest): Promise<GuardedAnswer> {
  const time = new TimeLimits(request);
  try {
    let { url, hop } = request;
    for (let redirects = 0;; redirects++) {
      request.guard.checkHost(url, hop);
      const message = await send(url, request, time);
      const to = redirectOf(message, url);
      if (to === null || request.follow?.(to) === false) return answerOf(message, url, request, time);
      message.destroy();
      if (redirects >= request.maxRedirects) {
        throw new FinalError(`${hostOf(request.url)} redirected more than ${request.maxRedirects} times.`);
      }
      url = to;
      hop = "media";
    }
  } catch (error) {
    time.cancel();
    throw time.explain(error, request.url);
  }
}

/** Throws what an answer's status means, unless it has what was asked for. */
export function throwUnlessFound({ url, status, headers }: GuardedAnswer): void {
  if (status === 200 || status === 206) return;
  const host = hostOf(url);
  if (status === 404 || status === 410) {
    throw new FinalError(
      `${host} no longer has the video (${status}): it was removed, or the link is wrong.`,
    );
  }
  if (status === 401 || status === 451) {
    throw new FinalError(`${host} does not give the video to everybody (${status}). Use another video.`);
  }
  const wait = retryAfterMs(headers.get("retry-after"), Date.now());
  if (status === 429) {
    throw new RetryLaterError(`${host} wants fewer requests (429). Wait before the next try.`, {
      retryAfterMs: wait,
    });
  }
  if (status === 403 || status === 408 || status === 425 || status >= 500) {
    throw new RetryLaterError(`${host} refused the request for now (${status}). Try again later.`, {
      retryAfterMs: wait,
    });
  }
  throw new FinalError(`${host} answered ${status} in place of a video. Check the link in a browser.`);
}

/** The limits of one request. */
class TimeLimits {
  readonly #request: GuardedRequest;
  readonly #aborting = new AbortController();
  readonly #cancelTotal: () => void;
  #cancelIdle = () => {};
  readonly signal: AbortSignal;

  constructor(request: GuardedRequest) {
    this.#request = request;
    this.signal = AbortSignal.any([request.signal, this.#aborting.signal]);
    const { timeoutMs, url } = request;
    this.#cancelTotal = limit(
      timeoutMs,
      () => this.#stop(`${hostOf(url)} took longer than ${timeoutMs / 1000} s.`),
    );
    this.restart();
  }

  /** Called at each sign of life. */
  restart(): void {
    this.#cancelIdle();
    const { idleMs, url } = this.#request;
    this.#cancelIdle = limit(idleMs, () => this.#stop(`${hostOf(url)} sent nothing for ${idleMs / 1000} s.`));
  }

  cancel(): void {
    this.#cancelTotal();
    this.#cancelIdle();
  }

  /** The error that a person can read. */
  explain(error: unknown, url: URL): unknown {
    if (error instanceof UserError) return error;
    if (this.#request.signal.aborted) return this.#request.signal.reason;
    if (this.#aborting.signal.aborted) return this.#aborting.signal.reason;
    if (error instanceof Deno.errors.NotCapable) {
      return new FinalError(
        `The sampler may not connect to ${hostOf(url)}: set "net" to true in its "permissions".`,
      );
    }
    const message = error instanceof Error ? error.message : String(error);
    return new UserError(`The connection to ${hostOf(url)} failed (${message}). Try again later.`);
  }

  #stop(why: string): void {
    this.#aborting.abort(new UserError(`${why} Try again later.`));
  }
}

/** Connects to the addresses that were checked: the name is not resolved a second time. */
async function send(url: URL, request: GuardedRequest, time: TimeLimits): Promise<http.IncomingMessage> {
  const addresses = await request.guard.addressesOf(url);
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const { protocol } = url;
  const sent = (protocol === "https:" ? https : http).request({
    protocol,
    hostname: hostOf(url).replace(/^\[|\]$/g, ""),
    port: url.port || (protocol === "https:" ? 443 : 80),
    path: url.pathname + url.search,
    agent: false,
    maxHeaderSize: maxHeaderBytes,
    headers: {
      "user-agent": userAgent,
      accept: "*/*",
      "accept-encoding": "identity",
      ...(url.origin === request.url.origin ? request.headers : {}),
    },
    signal: time.signal,
    lookup: checkedLookup(addresses),
    ...request.guard.connection,
  } as https.RequestOptions);
  sent.on("response", resolve);
  sent.on("error", reject);
  // Without this, a late error would end the service.
  sent.on("close", () => reject(new Error("the server closed the connection")));
  sent.end();
  const message = await promise;
  message.on("error", () => {});
  time.restart();
  return message;
}

function checkedLookup(addresses: readonly string[]) {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host: string, options: { all?: boolean }, done: (...answer: unknown[]) => void) => {
    if (options.all) done(null, found);
    else done(null, found[0]?.address, found[0]?.family);
  };
}

function redirectOf({ statusCode = 0, headers }: http.IncomingMessage, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null;
  const { location = "" } = headers;
  if (location !== "" && URL.canParse(location, from)) return new URL(location, from);
  throw new FinalError(`${hostOf(from)} redirected to nowhere.`);
}

function answerOf(
  message: http.IncomingMessage,
  url: URL,
  { maxBytes }: GuardedRequest,
  time: TimeLimits,
): GuardedAnswer {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, [value].flat().join(", "));
  const length = headers.get("content-length");
  const bytes = length !== null && /^\d+$/.test(length) ? Number(length) : null;
  const close = () => {
    time.cancel();
    message.destroy();
    return Promise.resolve();
  };
  async function* body() {
    try {
      for await (const piece of decodedBody(message, { url, headers, bytes, maxBytes })) {
        time.restart();
        yield piece;
      }
    } catch (error) {
      throw time.explain(error, url);
    } finally {
      await close();
    }
  }
  return { url, status: message.statusCode ?? 0, headers, bytes, body, [Symbol.asyncDispose]: close };
}
