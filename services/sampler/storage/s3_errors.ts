/** The sentences about what an S3 server refused, or why it was not reached. */
import { certificateAdvice } from "livecue/certificate";
import { FinalError, UserError } from "livecue/service";
import type { Refusal } from "./s3_refusal.ts";

/** What the sentences name. */
export interface Place {
  /** The origin: "https://s3.example.com". */
  endpoint: string;
  bucket: string;
  region: string;
  /** The permission that the request needs, in AWS's words: "s3:PutObject". */
  permission: string;
  /** Removes secrets from a server's text. */
  redact(text: string): string;
}

export interface Failure {
  error: UserError;
  /** Whether the same request may succeed after a wait. */
  isPassing: boolean;
}

/** The time difference from which S3 servers refuse a request. */
const maxSkewMs = 15 * 60_000;

const busyCodes = new Set([
  "SlowDown",
  "ServiceUnavailable",
  "TooManyRequests",
  "RequestLimitExceeded",
  "Throttling",
  "InternalError",
  "RequestTimeout",
  "OperationAborted",
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "IncompleteBody",
]);

export function refusalFailure(refusal: Refusal, place: Place, now: number): Failure {
  const { status, code } = refusal;
  if (busyCodes.has(code) || status >= 500 || status === 429 || status === 408) {
    return { error: new UserError(passingSentence(refusal, place)), isPassing: true };
  }
  // The next try begins a new upload.
  if (code === "NoSuchUpload") {
    return {
      error: new UserError("The storage no longer has the unfinished upload: try again"),
      isPassing: false,
    };
  }
  return { error: new FinalError(finalSentence(refusal, place, now)), isPassing: false };
}

function passingSentence({ status, code }: Refusal, { endpoint }: Place): string {
  const answer = [status, code].filter(Boolean).join(" ");
  if (code === "BadDigest" || code === "XAmzContentSHA256Mismatch" || code === "IncompleteBody") {
    return `The file reached ${endpoint} damaged (${answer}): check the network, then try again`;
  }
  if (status === 429 || code === "SlowDown" || status === 503) {
    return `The storage ${endpoint} is overloaded (${answer}): wait some minutes, then try again`;
  }
  return `The storage ${endpoint} has a problem of its own (${answer}): try again later`;
}

function finalSentence(refusal: Refusal, place: Place, now: number): string {
  const { status, code, headers, region } = refusal;
  const { endpoint, bucket } = place;
  const skewMs = clockSkew(headers, now);
  const isSkewed = status === 403 && skewMs !== null && Math.abs(skewMs) > maxSkewMs;
  if (code === "RequestTimeTooSkewed" || isSkewed) return skewSentence(skewMs);
  if (refusal.isWebPage) {
    return `${endpoint} answers with a web page (status ${status}), so it is not an S3 API: set "endpoint" to the ` +
      "address of the API. A web console often has another port";
  }
  if (region !== "" && region !== place.region) {
    return `The bucket ${bucket} is in the region ${region}, not in ${place.region}: set "region" to "${region}"` +
      (/\.amazonaws\.com$/.test(new URL(endpoint).hostname)
        ? ` and "endpoint" to "https://s3.${region}.amazonaws.com"`
        : "");
  }
  if (status >= 300 && status < 400) return redirectSentence(refusal, place);
  return keySentence(refusal, place) ?? otherSentence(refusal, place);
}

/** How far the server's clock is ahead of this one, in milliseconds; null if the answer has no time. */
function clockSkew(headers: Headers, now: number): number | null {
  const time = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(time) ? null : time - now;
}

function skewSentence(skewMs: number | null): string {
  const todo = "let your system set its time automatically, then try again";
  if (skewMs === null || Math.abs(skewMs) < 60_000) {
    return `The storage refused the request because its clock and the clock of this computer differ: ${todo}`;
  }
  const direction = skewMs > 0 ? "behind" : "ahead of";
  return `The clock of this computer is ${
    span(Math.abs(skewMs))
  } ${direction} the clock of the storage: ${todo}`;
}

function span(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

function redirectSentence({ status, headers }: Refusal, { endpoint }: Place): string {
  const target = URL.parse(headers.get("location") ?? "", endpoint)?.origin;
  const where = target === undefined ? "elsewhere" : `to ${target}`;
  return `${endpoint} redirects ${where} (status ${status}). Livecue does not follow, because the request has a ` +
    'signature for one host: set "endpoint" to the address of the API in the region of the bucket';
}

/** About the key and what it may do. */
function keySentence({ status, code, message }: Refusal, { bucket, permission }: Place): string | null {
  if (code === "SignatureDoesNotMatch") {
    return 'The storage refused the signature: "secret_access_key" does not belong to "access_key_id". Copy both ' +
      "again, or create a new key";
  }
  const isAboutKey = /access key/i.test(message) && /invalid|length|credential/i.test(message);
  if (
    ["InvalidAccessKeyId", "InvalidSecurity", "NoSuchKeyId"].includes(code) || status === 401 || isAboutKey
  ) {
    return 'The storage does not know the key: check "access_key_id", and that the key is active';
  }
  if (code === "NoSuchBucket") {
    return `There is no bucket ${bucket}: create it, or check "bucket", "endpoint" and "style"`;
  }
  if (status === 403) {
    return `The key has no permission for this in the bucket ${bucket}: allow ${permission}, and check "bucket"`;
  }
  return null;
}

function otherSentence({ status, code, message }: Refusal, { endpoint, redact }: Place): string {
  const said = redact([code, message].filter(Boolean).join(": ")).slice(0, 300);
  if (code === "" && status === 404) {
    return `${endpoint} has no S3 API at this address (status 404): check "endpoint", "bucket" and "style"`;
  }
  return `${endpoint} refused the request (status ${status}${
    said === "" ? "" : `, ${said}`
  }): check the settings ` +
    "of the storage";
}

/** The sentence about a request without an answer. */
export function networkFailure(error: unknown, { endpoint }: Place): Failure {
  const host = new URL(endpoint).host;
  if (error instanceof Deno.errors.NotCapable) {
    const message = `Livecue may not connect to ${host}: add ${
      JSON.stringify(host)
    } to the list "net" in "permissions"`;
    return { error: new FinalError(message), isPassing: false };
  }
  const why = causes(error);
  const certificate = certificateAdvice(why);
  if (certificate !== null) {
    return { error: new FinalError(`The certificate of ${host}: ${certificate}`), isPassing: false };
  }
  if (/InvalidContentType|corrupt message|\btls\b|\bssl\b|handshake/i.test(why)) {
    const message =
      `${host} does not answer with TLS: if the server is in your own network and has none, write ` +
      '"http://" in "endpoint"';
    return { error: new FinalError(message), isPassing: false };
  }
  const isUnknown = /dns|lookup|resolve/i.test(why);
  const message = isUnknown
    ? `The host of ${endpoint} was not found: check "endpoint" and the network`
    : `${endpoint} cannot be reached, or broke the connection: check "endpoint", the network and the server`;
  return { error: new UserError(message), isPassing: true };
}

/** The texts of an error and of its causes. They contain addresses, and are only for looking at. */
function causes(error: unknown): string {
  const texts: string[] = [];
  for (let at = error; at instanceof Error && texts.length < 5; at = at.cause) texts.push(at.message);
  return texts.join(" ").replace(/https?:\/\/\S+/g, "");
}
