import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { backoffMs, retryAfterMs } from "livecue/backoff";
import { limit } from "livecue/limit";
import { UserError } from "livecue/service";
import type { S3Options } from "./options.ts";
import { type Failure, networkFailure, type Place, refusalFailure } from "./s3_errors.ts";
import { isHtml, parseXml, readText, type Refusal, refusalIn, type XmlElement } from "./s3_refusal.ts";

export interface S3Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

/** Time for requests; tests pass their own. */
export interface S3Clock {
  now(): number;
  /** Throws when the signal aborts. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const realClock: S3Clock = {
  now: () => Date.now(),
  pause: async (milliseconds, signal) => void await wait(milliseconds, undefined, { signal }),
};

export interface S3Request {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The object's key; "" for the bucket. */
  key: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
  /** The permission that the request needs, in AWS's words. */
  permission: string;
  signal: AbortSignal;
  /** Statuses besides 2xx that the caller handles. */
  expected?: number[];
}

const maxTries = 5;
const backoff = { firstMs: 1000, longestMs: 30_000, jitter: 0.5 };
/** A server that asks for a longer wait ends the tries; the item's own tries go on later. */
const longestAskedMs = 60_000;

/** Sends signed requests to one bucket, and repeats those for which that helps. */
export class S3Client {
  readonly #options: S3Options;
  readonly #aws: AwsClient;
  readonly #clock: S3Clock;
  readonly #redact: (text: string) => string;

  constructor(options: S3Options, keys: S3Keys, clock: S3Clock = realClock) {
    this.#options = options;
    this.#clock = clock;
    this.#aws = new AwsClient({ ...keys, service: "s3", region: options.region, retries: 0 });
    this.#redact = (text) =>
      text.replaceAll(keys.secretAccessKey, "[secret]").replace(
        /(X-Amz-Signature=|Signature=)[\w%]+/gi,
        "$1[secret]",
      );
  }

  /** Returns an answer with a status of success, or an expected one. The caller reads or cancels its body. */
  async send(request: S3Request): Promise<Response> {
    return (await this.#try(request, false)).response;
  }

  /**
   * Returns the root element of the answer; without elements if the status is an expected one. S3 may put an error
   * into an answer with the status 200.
   */
  async sendForXml(request: S3Request): Promise<XmlElement> {
    const { text, response } = await this.#try(request, true);
    if (request.expected?.includes(response.status)) {
      await response.body?.cancel();
      return {};
    }
    const parsed = parseXml(text);
    if (parsed !== null) return parsed.element;
    const message = `${this.#options.endpoint} does not answer like an S3 API (status ${response.status}): ` +
      'check "endpoint"';
    throw new UserError(message);
  }

  /** An address that anybody can GET for `seconds`, up to 7 days. */
  async signedUrl(key: string, seconds: number): Promise<string> {
    const url = this.#url(key, { "X-Amz-Expires": String(Math.round(seconds)) });
    const { url: signed } = await this.#aws.sign(url, {
      method: "GET",
      aws: { signQuery: true, datetime: this.#datetime() },
    });
    return signed;
  }

  get now(): number {
    return this.#clock.now();
  }

  async #try(request: S3Request, isXml: boolean): Promise<{ response: Response; text: string }> {
    for (let failures = 1;; failures++) {
      const result = await this.#once(request, isXml);
      if ("response" in result) return result;
      const askedMs = result.askedMs;
      if (!result.isPassing || failures >= maxTries || askedMs > longestAskedMs) throw result.error;
      await this.#clock.pause(Math.max(askedMs, backoffMs(failures, backoff)), request.signal);
    }
  }

  async #once(
    request: S3Request,
    isXml: boolean,
  ): Promise<{ response: Response; text: string } | (Failure & { askedMs: number })> {
    const { signal, expected = [] } = request;
    const tooLong = new AbortController();
    const cancel = limit(60_000 + (request.body?.length ?? 0) / 16, () => tooLong.abort());
    try {
      const response = await this.#fetch(request, AbortSignal.any([signal, tooLong.signal]));
      if (expected.includes(response.status)) return { response, text: "" };
      // Objects have an ETag. Some servers give their empty answers the type of a page.
      const isObject = response.headers.has("etag") || !isHtml(response.headers);
      if (response.ok && !isXml && isObject) return { response, text: "" };
      const text = await readText(response);
      const refusal = refusalIn(response, text);
      return refusal === null ? { response, text } : this.#failureOf(refusal, request);
    } catch (error) {
      signal.throwIfAborted();
      return { ...networkFailure(error, this.#place(request)), askedMs: 0 };
    } finally {
      cancel();
    }
  }

  async #fetch(
    { method, key, query = {}, headers = {}, body }: S3Request,
    signal: AbortSignal,
  ): Promise<Response> {
    const request = await this.#aws.sign(this.#url(key, query), {
      method,
      headers: { ...headers, "x-amz-content-sha256": sha256Of(body) },
      ...(body && { body }),
      signal,
      redirect: "manual",
      aws: { datetime: this.#datetime() },
    });
    return await fetch(request);
  }

  #failureOf(refusal: Refusal, request: S3Request): Failure & { askedMs: number } {
    const failure = refusalFailure(refusal, this.#place(request), this.#clock.now());
    return { ...failure, askedMs: retryAfterMs(refusal.headers.get("retry-after"), this.#clock.now()) };
  }

  #place({ permission }: S3Request): Place {
    const { endpoint, bucket, region } = this.#options;
    return { endpoint, bucket, region, permission, redact: this.#redact };
  }

  #url(key: string, query: Record<string, string>): string {
    const { endpoint, bucket, style } = this.#options;
    const url = new URL(endpoint);
    if (style === "virtual_host") url.hostname = `${bucket}.${url.hostname}`;
    const segments = [...(style === "path" ? [bucket] : []), ...(key === "" ? [] : key.split("/"))];
    url.pathname = segments.map(encodeURIComponent).join("/");
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  /** As SigV4 writes it: 20260131T235959Z. */
  #datetime(): string {
    return new Date(this.#clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, "");
  }
}

function sha256Of(body: Uint8Array | undefined): string {
  return createHash("sha256").update(body ?? "").digest("hex");
}
