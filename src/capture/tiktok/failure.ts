/** Why a connection did not come about: a kind to act on and a sentence to show. */
import {
  ConnectTimeoutError,
  InvalidResponseError,
  SignAPIError,
  SignatureRateLimitError,
  UserOfflineError,
} from "tiktok-live-connector";
import { momentTime } from "../../log/log.ts";
import { cleanText } from "../../clean_text.ts";
import { afterAbsence } from "../absence.ts";

export type FailureKind = "offline" | "user_unknown" | "other";

/** `message` is a whole sentence for a person. */
export class ConnectionFailure extends Error {
  readonly kind: FailureKind;
  /** Unix milliseconds before which another attempt would be refused; null where nobody said. */
  readonly notBefore: number | null;

  constructor(
    kind: FailureKind,
    message: string,
    options: { notBefore?: number | null | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.notBefore = options.notBefore ?? null;
  }
}

/** The step that was under way when it failed. */
export type Step = "looking_up" | "room_info" | "signing" | "opening";

/** What the sign server last answered; null where it has not, yet. */
export interface SignReply {
  status: number;
  /** As sent, "" where there is none. */
  retryAfter: string;
  rateLimitReset: string;
}

export interface FailureContext {
  username: string;
  step: Step;
  signReply: SignReply | null;
  signServer: string;
  /** Whether our own deadline ended it. */
  isTimeout: boolean;
  /** How long this program was not there meanwhile. */
  absenceMs: number;
  /** Unix milliseconds. */
  now: number;
}

export function offline(username: string): ConnectionFailure {
  return new ConnectionFailure("offline", `@${username} is not live.`);
}

export function userUnknown(username: string): ConnectionFailure {
  return new ConnectionFailure(
    "user_unknown",
    `TikTok knows no user @${username}: check the spelling of tiktok.user or --username.`,
  );
}

/** One sentence for whatever the connector, got or axios threw. */
export function toFailure(error: unknown, context: FailureContext): ConnectionFailure {
  if (error instanceof ConnectionFailure) return error;
  if (error instanceof UserOfflineError) return offline(context.username);
  const refusal = context.step === "signing" ? signRefusal(error, context) : null;
  if (refusal !== null) return refusal;
  const why = afterAbsence(context.absenceMs, sentence(error, context));
  return new ConnectionFailure("other", why, { cause: error });
}

/** No source told the room; `problems` are their errors, in the order asked. */
export function lookUpFailure(problems: unknown[], context: FailureContext): ConnectionFailure {
  const unknown = problems.find((each) => each instanceof ConnectionFailure);
  if (unknown instanceof ConnectionFailure) return unknown;
  const refusal = context.signReply?.status === 429 ? signRefusal(null, context) : null;
  const isUnreachable = context.isTimeout || isNetworkError(problems[0]);
  const message = isUnreachable
    ? `TikTok cannot be reached (${reasonOf(problems[0])}): check the internet connection.`
    : `TikTok did not show the room of @${context.username}; it may be blocking this network or asking for a captcha. ` +
      "Open the live in a browser once, or try another network.";
  return new ConnectionFailure("other", message, { notBefore: refusal?.notBefore, cause: problems[0] });
}

/** Judged by the reply itself: on a short or odd body the connector's own error classes throw another error. */
function signRefusal(
  error: unknown,
  { signReply, signServer, now }: FailureContext,
): ConnectionFailure | null {
  const status = signReply?.status ?? 0;
  if (status === 429 && signReply !== null) {
    const asked = error instanceof SignatureRateLimitError && error.retryAfter > 0
      ? now + error.retryAfter
      : retryMoment(signReply, now);
    const until = asked === null
      ? ""
      : asked < lastMoment
      ? ` until ${momentTime(asked, now)}`
      : " for years";
    const notBefore = asked === null ? null : Math.min(asked, now + longestRestMs);
    return new ConnectionFailure(
      "other",
      `The sign server ${signServer} allows no more connections${until} (rate limit); ` +
        "a key of your own (tiktok.sign_api_key) allows more.",
      { notBefore, cause: error },
    );
  }
  if ([401, 402, 403].includes(status)) {
    return new ConnectionFailure(
      "other",
      `The sign server ${signServer} wants another key or plan for this (status ${status}): ` +
        "set tiktok.sign_api_key, or another tiktok.endpoints.sign.",
      { cause: error },
    );
  }
  if (status >= 300 && status < 400) {
    return new ConnectionFailure(
      "other",
      `The sign server ${signServer} redirects to another address (status ${status}), which is not followed: ` +
        "set tiktok.endpoints.sign to the final one.",
      { cause: error },
    );
  }
  if (status >= 400) {
    return new ConnectionFailure(
      "other",
      `The sign server ${signServer} has a problem (status ${status}); this mends itself, or set another tiktok.endpoints.sign.`,
      { cause: error },
    );
  }
  return null;
}

function sentence(error: unknown, { step, signServer, isTimeout, username }: FailureContext): string {
  switch (step) {
    case "looking_up":
    case "room_info":
      return isTimeout
        ? `TikTok did not answer when asked for the room of @${username}: check the internet connection.`
        : `TikTok did not show the room of @${username} (${reasonOf(error)}).`;
    case "signing":
      if (isTimeout) {
        return `The sign server ${signServer} does not answer; tiktok.endpoints.sign can name another.`;
      }
      if (isTooLong(error)) {
        return `The sign server ${signServer} sends more than a signature can be: set another tiktok.endpoints.sign.`;
      }
      if (error instanceof SignAPIError && isConnectError(error)) {
        return `The sign server ${signServer} cannot be reached (${
          reasonOf(error)
        }): check the internet connection, ` +
          "or set another tiktok.endpoints.sign.";
      }
      if (error instanceof SignAPIError || error instanceof InvalidResponseError) {
        return `The sign server ${signServer} gave an answer that is of no use (${reasonOf(error)}).`;
      }
      return `The sign server ${signServer} gave an answer that cannot be read (${reasonOf(error)}).`;
    case "opening":
      return isTimeout || error instanceof ConnectTimeoutError
        ? "TikTok's message server did not answer: check the internet connection."
        : `TikTok's message server refused the connection (${reasonOf(error)}).`;
  }
}

function isConnectError(error: SignAPIError): boolean {
  return String(error.reason) === "Connect Error";
}

/** The connector keeps of what happened to the request no more than its words. */
function isTooLong(error: unknown): boolean {
  return error instanceof SignAPIError && /maxContentLength/.test(error.message);
}

/** Codes such as ECONNREFUSED; got's own codes have underscores. */
function isNetworkError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(E[A-Z]+|EAI_AGAIN)$/.test(code);
}

/** The first line of an error, without the connector's names of routes and reasons, fit for a log line. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.constructor.name : String(error);
  const line = (text.split("\n")[0] ?? "").replace(/\[[\w ]+\]/g, "").trim();
  return cleanText(line, 160).replace(/[.:\s]+$/, "");
}

/** However long a server wants to be left alone, it is asked again after a day. */
const longestRestMs = 24 * 60 * 60_000;
/** Of the year 9999. */
const lastMoment = 253_402_214_400_000;
/** Unix seconds are below it until the year 5138, Unix milliseconds above it since 1973. */
const leastMilliseconds = 1e11;

/** When the headers say that the next request may come: seconds from now, a date, Unix seconds or milliseconds. */
function retryMoment({ retryAfter, rateLimitReset }: SignReply, now: number): number | null {
  const seconds = Number(retryAfter);
  if (retryAfter !== "" && seconds > 0) return now + seconds * 1000;
  const date = Date.parse(retryAfter);
  if (date > now) return date;
  const reset = Number(rateLimitReset);
  const resetAt = reset < leastMilliseconds ? reset * 1000 : reset;
  return resetAt > now ? resetAt : null;
}
