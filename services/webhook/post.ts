/** Sends one POST request and interprets its answer. */
import { certificateAdvice } from "livecue/certificate";
import { limit } from "livecue/limit";
import { retryAfterMs } from "livecue/backoff";
import { t } from "livecue/language";
import { reasonOf } from "./reason.ts";
import { restOf, retryAfterOfBody } from "./retry_after.ts";

export type Answer =
  /** `restMs` is how long the target wants no further requests. */
  | { kind: "accepted"; restMs: number }
  /** A retry may succeed. `retryAfterMs` is the pause that the target asked for, 0 if none. */
  | { kind: "unavailable"; why: string; retryAfterMs: number }
  /** A retry would fail in the same way. */
  | { kind: "refused"; status: number; why: string };

export interface PostRequest {
  url: URL;
  headers: Headers;
  body: string;
  timeoutMs: number;
  /** Cancels the request. Its reason is thrown. */
  signal: AbortSignal;
}

const mayWorkLater = [408, 425, 429];
/** The part of an answer that is read: enough to see what is wrong. */
const longestAnswer = 4096;

const advice: Record<number, string> = {
  400: "it does not understand the body: compare the body with what this server expects",
  401: "it requires authentication: check the secret or the headers",
  403: "it forbids the request: check the secret or the headers",
  404: "the address does not exist: check the url",
  405: "the address does not accept POST requests: check the url",
  410: "the address no longer exists: create a new one and change the url",
  413: "the body is too long for this server",
  415: 'it expects another content type: check "body" and the headers',
  422: "it does not understand the body: compare the body with what this server expects",
};

/** Rejects only if the request's signal aborts. `redact` removes secrets from the server's answer. */
export async function post(request: PostRequest, redact: (text: string) => string): Promise<Answer> {
  const { url, headers, body, timeoutMs, signal } = request;
  const timeout = new AbortController();
  const cancel = limit(timeoutMs, () => timeout.abort());
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: either });
    const text = redact(await readStart(response));
    // JSON may have spelled a secret with escapes.
    return judge(response, { url, text, reason: redact(reasonOf(text)) });
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.signal.aborted) {
      return unavailable(t`${url.host} did not answer within ${timeoutMs / 1000} s`);
    }
    const trouble = redact(networkTrouble(error));
    const certificate = certificateAdvice(trouble);
    if (certificate !== null) {
      return unavailable(t`the certificate of ${url.host}: ${certificate} (${trouble})`);
    }
    return unavailable(t`${url.host} could not be reached (${trouble})`);
  } finally {
    cancel();
  }
}

function judge(
  { status, headers }: Response,
  { url, text, reason }: { url: URL; text: string; reason: string },
): Answer {
  if (status >= 200 && status < 300) return { kind: "accepted", restMs: restOf(headers) };
  if (status >= 300 && status < 400) {
    const why = `${url.host} answered ${status}${destinationOf(headers.get("location"), url)}: ` +
      "redirects are not followed, so put the final address into the config";
    return { kind: "refused", status, why };
  }
  const what = `${url.host} answered ${status}${reason === "" ? "" : ` "${reason}"`}`;
  if (status < 500 && !mayWorkLater.includes(status)) {
    return { kind: "refused", status, why: advice[status] ? `${what}: ${advice[status]}` : what };
  }
  const asked = retryAfterMs(headers.get("retry-after"), Date.now());
  const askedInBody = status === 429 ? retryAfterOfBody(text) : 0;
  return { kind: "unavailable", why: what, retryAfterMs: Math.max(asked, askedInBody) };
}

function unavailable(why: string): Answer {
  return { kind: "unavailable", why, retryAfterMs: 0 };
}

/** Reads the start of an answer's body. Ignores errors, because the status is already known. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const part of response.body ?? []) {
      text += decoder.decode(part, { stream: true });
      if (text.length >= longestAnswer) break;
    }
  } catch {
    // Interrupted or too slow.
  }
  return text.slice(0, longestAnswer);
}

function destinationOf(location: string | null, from: URL): string {
  const to = location === null || !URL.canParse(location, from) ? null : new URL(location, from);
  return to === null ? "" : ` with a redirect to ${to.host}`;
}

/** The last part of Deno's error message, because the first part contains the address. */
function networkTrouble(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const trouble = /client error \(\w+\): (.*)$/s.exec(message)?.[1] ?? message;
  return trouble.replace(/ \(os error \d+\)$/, "");
}
