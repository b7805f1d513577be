/** Asks a server for JSON, with bounds on time and size, and only for what has changed. */
import { shownAddress } from "../../address.ts";
import { cleanText } from "../../clean_text.ts";
import { type Clock, limit } from "../../clock.ts";
import { t } from "../../language.ts";

export interface RequestsOptions {
  url: string;
  token: string | null;
  timeoutMs: number;
  clock: Clock;
}

/** `document` undefined: it has not changed. `why`: a complete sentence; `retryAfterMs` is what the server asks for. */
export type Answer =
  | { document: unknown }
  | { why: string; retryAfterMs: number };

const maxBytes = 1024 * 1024;
const longestRetryAfterMs = 3_600_000;

export class Requests {
  readonly #options: RequestsOptions;
  /** The conditions of the next request: what is known of the last answer. */
  #conditions: Record<string, string> = {};

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  async ask(signal: AbortSignal): Promise<Answer> {
    const { clock, timeoutMs, url } = this.#options;
    const timeout = new AbortController();
    const cancel = limit(clock, timeoutMs, () => timeout.abort());
    try {
      return await this.#fetch(AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      const address = shownAddress(url);
      if (timeout.signal.aborted) {
        return failed(t`The server at ${address} did not answer within ${timeoutMs / 1000} s.`);
      }
      return failed(
        t`The server at ${address} cannot be reached (${reasonOf(error)}). Check the source's "url".`,
      );
    } finally {
      cancel();
    }
  }

  async #fetch(signal: AbortSignal): Promise<Answer> {
    const { url, token } = this.#options;
    const headers = {
      accept: "application/json",
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...this.#conditions,
    };
    const response = await fetch(url, { headers, signal });
    if (response.status === 200) return await this.#read(response);
    await response.body?.cancel();
    if (response.status === 304 && Object.keys(this.#conditions).length > 0) return { document: undefined };
    return failed(this.#refusal(response.status), this.#retryAfterMs(response));
  }

  async #read(response: Response): Promise<Answer> {
    const address = shownAddress(this.#options.url);
    const text = await readText(response);
    if (text === null) {
      return failed(t`The answer from ${address} has more than ${maxBytes / 1024 / 1024} MB.`);
    }
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      return failed(t`The answer from ${address} is not JSON. Check the source's "url".`);
    }
    const tag = response.headers.get("etag");
    const modified = response.headers.get("last-modified");
    this.#conditions = {
      ...(tag !== null && { "if-none-match": tag }),
      ...(modified !== null && { "if-modified-since": modified }),
    };
    return { document };
  }

  #refusal(status: number): string {
    const address = shownAddress(this.#options.url);
    if (status === 401 || status === 403) {
      return t`The server at ${address} refuses access (${status}). Check "token".`;
    }
    if (status === 404 || status === 410) {
      return t`There is nothing at ${address} (${status}). Check the source's "url".`;
    }
    if (status === 429) {
      return t`The server at ${address} asks for fewer requests (429). Raise "every_seconds".`;
    }
    if (status >= 500) return t`The server at ${address} has failed (${status}).`;
    return t`The server at ${address} gives no JSON (${status}). Check the source's "url".`;
  }

  /** Seconds or a date; 0 if the server asks for nothing. */
  #retryAfterMs(response: Response): number {
    const given = response.headers.get("retry-after") ?? "";
    const ms = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - this.#options.clock.now();
    return Number.isNaN(ms) ? 0 : Math.min(longestRetryAfterMs, Math.max(0, ms));
  }
}

/** null if it is too long. */
async function readText(response: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function failed(why: string, retryAfterMs = 0): Answer {
  return { why, retryAfterMs };
}

/** The innermost reason, because the outer ones repeat the address, which may contain a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return cleanText(String(error), 160);
  if (error.cause !== undefined) return reasonOf(error.cause);
  return cleanText(error.message.replace(/^error sending request for .*?: /, ""), 160).replace(
    /[.:\s]+$/,
    "",
  );
}
