/** One HTTP request, whose answer is JSON, and whose troubles are sentences. */
import { limit } from "livecue/limit";
import { cleanText } from "livecue/clean_text";
import { retryAfterMs } from "livecue/backoff";
import { FinalError, RetryLaterError, UserError } from "livecue/service";

export interface Asked {
  method: "GET" | "POST";
  url: URL;
  headers?: Record<string, string>;
  /** Sent as JSON; a text is sent as it is. */
  body?: unknown;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The JSON of the answer, or {}. */
  fields: Record<string, unknown>;
  /** The JSON of the answer if it is a list, or []. */
  list: readonly Record<string, unknown>[];
  /** What the server says about a trouble, cleaned; "" if nothing. */
  message: string;
}

/** The same version as in deno.json. */
const userAgent = "Livecue/0.1.0";
const timeoutMs = 20_000;
const longestAnswer = 1_000_000;
const longestMessage = 200;
/** The pause if a server does not say how long it should be. */
const usualPauseMs = 60_000;

/** Rejects with a `UserError` without an answer, and with a `RetryLaterError` for status 429, after which nothing was posted. */
export async function ask({ method, url, headers = {}, body, signal }: Asked): Promise<Answer> {
  const timeout = new AbortController();
  const cancel = limit(timeoutMs, () => timeout.abort());
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/json",
        "user-agent": userAgent,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout.signal]),
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return judge(response, await readText(response), url);
  } catch (error) {
    if (error instanceof UserError) throw error;
    signal.throwIfAborted();
    if (timeout.signal.aborted) {
      throw new UserError(`${url.host} did not answer within ${timeoutMs / 1000} s`);
    }
    throw new UserError(`${url.host} could not be reached (${reasonOf(error)})`);
  } finally {
    cancel();
  }
}

/** A refusal that another try would not change, or a trouble that may pass. */
export function troubleOf(answer: Answer, host: string, advice: Record<number, string> = {}): UserError {
  const { status, message } = answer;
  const what = `${host} answered ${status}${message === "" ? "" : ` "${message}"`}`;
  if (status >= 500 || status === 408 || status === 425) return new UserError(what);
  return new FinalError(advice[status] === undefined ? what : `${what}: ${advice[status]}`);
}

function judge(response: Response, text: string, url: URL): Answer {
  const { status, headers } = response;
  if (status === 429) throw tooMany(url.host, headers);
  if (status >= 300 && status < 400) {
    throw new FinalError(
      `${url.host} answered ${status} with a redirect: put the final address into the config`,
    );
  }
  const parsed = parse(text);
  const fields = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
    ? parsed as Record<string, unknown>
    : {};
  const list = Array.isArray(parsed)
    ? parsed.filter((each): each is Record<string, unknown> => typeof each === "object" && each !== null)
    : [];
  const said = [fields["message"], fields["error_description"], fields["error"]]
    .find((each) => typeof each === "string") ?? "";
  return { status, headers, fields, list, message: cleanText(String(said), longestMessage) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > longestAnswer) break;
  }
  return text;
}

function tooMany(host: string, headers: Headers): RetryLaterError {
  const pauseMs = pauseOf(headers);
  return new RetryLaterError(`${host} accepts no more requests for ${Math.ceil(pauseMs / 1000)} s`, {
    retryAfterMs: pauseMs,
  });
}

/** Bluesky says when it ends in Unix seconds, Mastodon as a date. */
function pauseOf(headers: Headers): number {
  const asked = retryAfterMs(headers.get("retry-after"), Date.now());
  if (asked > 0) return asked;
  const reset = headers.get("ratelimit-reset") ?? headers.get("x-ratelimit-reset") ?? "";
  const at = /^\d+$/.test(reset) ? Number(reset) * 1000 : Date.parse(reset);
  return Number.isNaN(at) ? usualPauseMs : Math.max(1000, at - Date.now());
}

/** The last part of Deno's message, because the first part contains the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return cleanText(message.split(": ").at(-1) ?? message, longestMessage);
}
