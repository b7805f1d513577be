/**
 * Standard Webhooks (standardwebhooks.com), which let a receiver verify the sender of a request and detect replays:
 * "livecue/standard_webhooks".
 */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

export interface SignedParts {
  /** The header `webhook-id`. */
  id: string;
  /** The header `webhook-timestamp`: Unix seconds. */
  timestamp: number | string;
  /** Exactly the bytes that are sent. */
  body: string | Uint8Array;
}

/**
 * The key in a secret: the base64 after "whsec_", or the text itself without that prefix. Throws a `UserError` if the
 * base64 is invalid.
 */
export function signingKey(secret: string): Uint8Array {
  if (!secret.startsWith("whsec_")) return new TextEncoder().encode(secret);
  const base64 = secret.slice("whsec_".length);
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return Uint8Array.from(Buffer.from(base64, "base64"));
  throw new UserError(t`its secret starts with "whsec_", but the rest is not base64: copy it again`);
}

/** The value of the header `webhook-signature`. */
export function signatureOf(key: Uint8Array, { id, timestamp, body }: SignedParts): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}
