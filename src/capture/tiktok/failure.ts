/** Why a connection failed: a kind for the code, and a sentence for a person. */
import {
  ConnectTimeoutError,
  InvalidResponseError,
  SignAPIError,
  SignatureRateLimitError,
  UserOfflineError,
} from "tiktok-live-connector";
import { momentTime } from "../../log/log.ts";
import { cleanText } from "../../clean_text.ts";
import { t } from "../../language.ts";
import { afterAbsence } from "../absence.ts";

export type FailureKind = "offline" | "user_unknown" | "other";

/** `message` is a complete sentence for a person. */
export class ConnectionFailure extends Error {
  readonly kind: FailureKind;
  /** Unix milliseconds before which another attempt would be refused; null if unknown. */
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

/** The step that failed. */
export type Step = "looking_up" | "room_info" | "signing" | "opening";

/** The headers of the sign server's last answer. */
export interface SignReply {
  status: number;
  /** The header as sent; "" if it is missing. */
  retryAfter: string;
  rateLimitReset: string;
}

export interface FailureContext {
  username: string;
  step: Step;
  signReply: SignReply | null;
  signServer: string;
  /** Whether Livecue's own time limit ended the step. */
  isTimeout: boolean;
  /** How long this program did not run during the step. */
  absenceMs: number;
  /** Unix milliseconds. */
  now: number;
}

export function offline(username: string): ConnectionFailure {
  return new ConnectionFailure("offline", t`@${username} is not live.`);
}

export function userUnknown(username: string): ConnectionFailure {
  return new ConnectionFailure(
    "user_unknown",
    t`TikTok has no user @${username}. Check the spelling of tiktok.user or --username.`,
  );
}

/** Converts any error from the connector, got or axios. */
export function toFailure(error: unknown, context: FailureContext): ConnectionFailure {
  if (error instanceof ConnectionFailure) return error;
  if (error instanceof UserOfflineError) return offline(context.username);
  const refusal = context.step === "signing" ? signRefusal(error, context) : null;
  if (refusal !== null) return refusal;
  const why = afterAbsence(context.absenceMs, sentence(error, context));
  return new ConnectionFailure("other", why, { cause: error });
}

/** The failure when no look-up found the room. `problems`: the errors of the look-ups, in order. */
export function lookUpFailure(problems: unknown[], context: FailureContext): ConnectionFailure {
  const unknown = problems.find((each) => each instanceof ConnectionFailure);
  if (unknown instanceof ConnectionFailure) return unknown;
  const refusal = context.signReply?.status === 429 ? signRefusal(null, context) : null;
  const isUnreachable = context.isTimeout || isNetworkError(problems[0]);
  const message = isUnreachable
    ? t`TikTok cannot be reached (${reasonOf(problems[0])}). Check the internet connection.`
    : t`TikTok did not show the room of @${context.username}. It may be blocking this network or asking for a captcha. Open the live in a browser once, or try another network.`;
  return new ConnectionFailure("other", message, { notBefore: refusal?.notBefore, cause: problems[0] });
}

/** Uses the reply itself, because the connector's own error classes throw at a short or unexpected body. */
function signRefusal(
  error: unknown,
  { signReply, signServer, now }: FailureContext,
): ConnectionFailure | null {
  const status = signReply?.status ?? 0;
  if (status === 429 && signReply !== null) {
    const asked = error instanceof SignatureRateLimitError && error.retryAfter > 0
      ? now + error.retryAfter
      : retryMoment(signReply, now);
    const notBefore = asked === null ? null : Math.min(asked, now + longestRestMs);
    return new ConnectionFailure(
      "other",
      rateLimitSentence(signServer, asked, now),
      { notBefore, cause: error },
    );
  }
  if ([401, 402, 403].includes(status)) {
    return new ConnectionFailure(
      "other",
      t`The sign server ${signServer} requires another key or plan (status ${status}). Set tiktok.sign_api_key, or another tiktok.endpoints.sign.`,
      { cause: error },
    );
  }
  if (status >= 300 && status < 400) {
    return new ConnectionFailure(
      "other",
      t`The sign server ${signServer} redirects to another address (status ${status}), and Livecue does not follow. Set tiktok.endpoints.sign to the final address.`,
      { cause: error },
    );
  }
  if (status >= 400) {
    return new ConnectionFailure(
      "other",
      t`The sign server ${signServer} has a problem (status ${status}). Livecue retries. If it lasts, set another tiktok.endpoints.sign.`,
      { cause: error },
    );
  }
  return null;
}

/** `asked`: when the server allows connections again, in Unix milliseconds; null if it did not say. */
function rateLimitSentence(signServer: string, asked: number | null, now: number): string {
  if (asked === null) {
    return t`The sign server ${signServer} allows no more connections (rate limit). Your own key (tiktok.sign_api_key) allows more.`;
  }
  return asked < lastMoment
    ? t`The sign server ${signServer} allows no more connections until ${
      momentTime(asked, now)
    } (rate limit). Your own key (tiktok.sign_api_key) allows more.`
    : t`The sign server ${signServer} allows no more connections for years (rate limit). Your own key (tiktok.sign_api_key) allows more.`;
}

function sentence(error: unknown, { step, signServer, isTimeout, username }: FailureContext): string {
  switch (step) {
    case "looking_up":
    case "room_info":
      return isTimeout
        ? t`TikTok did not answer a request for the room of @${username}. Check the internet connection.`
        : t`TikTok did not show the room of @${username} (${reasonOf(error)}).`;
    case "signing":
      if (isTimeout) {
        return t`The sign server ${signServer} does not answer. You can set another tiktok.endpoints.sign.`;
      }
      if (isTooLong(error)) {
        return t`The sign server ${signServer} sent an answer that is too long for a signature. Set another tiktok.endpoints.sign.`;
      }
      if (error instanceof SignAPIError && isConnectError(error)) {
        return t`The sign server ${signServer} cannot be reached (${
          reasonOf(error)
        }). Check the internet connection, or set another tiktok.endpoints.sign.`;
      }
      if (error instanceof SignAPIError || error instanceof InvalidResponseError) {
        return t`The sign server ${signServer} gave an unusable answer (${reasonOf(error)}).`;
      }
      return t`The sign server ${signServer} gave an unreadable answer (${reasonOf(error)}).`;
    case "opening":
      return isTimeout || error instanceof ConnectTimeoutError
        ? t`TikTok's message server did not answer. Check the internet connection.`
        : t`TikTok's message server refused the connection (${reasonOf(error)}).`;
  }
}

function isConnectError(error: SignAPIError): boolean {
  return String(error.reason) === "Connect Error";
}

/** Checks the message, because the connector keeps no other information about the error. */
function isTooLong(error: unknown): boolean {
  return error instanceof SignAPIError && /maxContentLength/.test(error.message);
}

/** Codes such as ECONNREFUSED; got's own codes have underscores. */
function isNetworkError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(E[A-Z]+|EAI_AGAIN)$/.test(code);
}

/** The first line of an error, cleaned, without the connector's names of routes and reasons. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.constructor.name : String(error);
  const line = (text.split("\n")[0] ?? "").replace(/\[[\w ]+\]/g, "").trim();
  return cleanText(line, 160).replace(/[.:\s]+$/, "");
}

/** A server is asked again after a day, even if it requests a longer wait. */
const longestRestMs = 24 * 60 * 60_000;
/** The last day of the year 9999. */
const lastMoment = 253_402_214_400_000;
/** Unix seconds are lower than this until the year 5138, Unix milliseconds are higher since 1973. */
const leastMilliseconds = 1e11;

/**
 * When the next request is allowed, in Unix milliseconds. The headers may have seconds from now, a date, Unix seconds
 * or Unix milliseconds.
 */
function retryMoment({ retryAfter, rateLimitReset }: SignReply, now: number): number | null {
  const seconds = Number(retryAfter);
  if (retryAfter !== "" && seconds > 0) return now + seconds * 1000;
  const date = Date.parse(retryAfter);
  if (date > now) return date;
  const reset = Number(rateLimitReset);
  const resetAt = reset < leastMilliseconds ? reset * 1000 : reset;
  return resetAt > now ? resetAt : null;
}
