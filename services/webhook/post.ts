/** One POST, and what its answer means for the delivery. */
import { limit } from "livecue/limit";
import { restOf, retryAfterMs, retryAfterOfBody } from "./retry_after.ts";

export type Answer =
  /** `restMs`: how long the target wants no more. */
  | { kind: "taken"; restMs: number }
  /** It may work later; `retryAfterMs` is what it asked for, 0 where it did not. */
  | { kind: "unwell"; why: string; retryAfterMs: number }
  /** It would end the same every time. */
  | { kind: "refused"; status: number; why: string };

export interface PostRequest {
  url: URL;
  headers: Headers;
  body: string;
  timeoutMs: number;
  /** Ends the try, and is thrown. */
  signal: AbortSignal;
}

const mayWorkLater = [408, 425, 429];
/** Enough of an answer to tell what is wrong; the rest is not read. */
const longestAnswer = 4096;
const maxExcerpt = 200;

const advice: Record<number, string> = {
  400: "it does not understand the body: compare it with what this server expects",
  401: "it wants to know who sends: check the secret or the headers",
  403: "it does not allow it: check the secret or the headers",
  404: "there is nothing at this address: check the url",
  405: "it takes no POST at this address: check the url",
  410: "the address is gone: make a new one and change the url",
  413: "the body is too long for it",
  415: 'it takes another kind of body: check "body" and the headers',
  422: "it does not understand the body: compare it with what this server expects",
};

/** Never rejects but for the request's signal. `redact` takes the secrets out of what the server says. */
export async function post(request: PostRequest, redact: (text: string) => string): Promise<Answer> {
  const { url, headers, body, timeoutMs, signal } = request;
  const timeout = new AbortController();
  const cancel = limit(timeoutMs, () => timeout.abort());
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: either });
    return judge(response, { url, text: redact(await readStart(response)) });
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.signal.aborted) {
      return unwell(`${url.host} did not answer within ${timeoutMs / 1000} s`);
    }
    return unwell(`${url.host} could not be reached (${redact(networkTrouble(error))})`);
  } finally {
    cancel();
  }
}

function judge({ status, headers }: Response, { url, text }: { url: URL; text: string }): Answer {
  if (status >= 200 && status < 300) return { kind: "taken", restMs: restOf(headers) };
  if (status >= 300 && status < 400) {
    const why = `${url.host} answered ${status}${destinationOf(headers.get("location"), url)}: ` +
      "redirects are not followed, put the final address into the config";
    return { kind: "refused", status, why };
  }
  const excerpt = excerptOf(text);
  const said = `${url.host} answered ${status}${excerpt === "" ? "" : ` "${excerpt}"`}`;
  if (status < 500 && !mayWorkLater.includes(status)) {
    return { kind: "refused", status, why: advice[status] ? `${said}: ${advice[status]}` : said };
  }
  const asked = retryAfterMs(headers.get("retry-after"), Date.now());
  const askedInBody = status === 429 ? retryAfterOfBody(text) : 0;
  return { kind: "unwell", why: said, retryAfterMs: Math.max(asked, askedInBody) };
}

function unwell(why: string): Answer {
  return { kind: "unwell", why, retryAfterMs: 0 };
}

/** The start of an answer's body. Trouble with the rest of it changes nothing: the status has been said. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const part of response.body ?? []) {
      text += decoder.decode(part, { stream: true });
      if (text.length >= longestAnswer) break;
    }
  } catch {
    // Cut off, or too slow.
  }
  return text.slice(0, longestAnswer);
}

function destinationOf(location: string | null, from: URL): string {
  const to = location === null || !URL.canParse(location, from) ? null : new URL(location, from);
  return to === null ? "" : ` with a redirect to ${to.host}`;
}

/** On one line, without what could harm a terminal. */
function excerptOf(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, " ").trim();
  return line.length <= maxExcerpt ? line : `${line.slice(0, maxExcerpt)}…`;
}

/** The end of Deno's sentence: its beginning has the address in it. */
function networkTrouble(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const trouble = /client error \(\w+\): (.*)$/s.exec(message)?.[1] ?? message;
  return trouble.replace(/ \(os error \d+\)$/, "");
}
