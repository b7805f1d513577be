/**
 * Standard Webhooks (standardwebhooks.com), by which a receiver knows who sent a request, and that nobody sent it
 * again: "livecue/standard_webhooks".
 */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { UserError } from "../user_error.ts";

export interface SignedParts {
  /** The header `webhook-id`. */
  id: string;
  /** The header `webhook-timestamp`: Unix seconds. */
  timestamp: number | string;
  /** As it is sent, to the byte. */
  body: string | Uint8Array;
}

/**
 * The key that a secret stands for: what stands in base64 behind "whsec_", or else the text itself. Throws a
 * `UserError` where it is neither.
 */
export function signingKey(secret: string): Uint8Array {
  if (!secret.startsWith("whsec_")) return new TextEncoder().encode(secret);
  const base64 = secret.slice("whsec_".length);
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return Uint8Array.from(Buffer.from(base64, "base64"));
  throw new UserError('its secret begins with "whsec_", and what follows is not base64: copy it again');
}

/** What stands in the header `webhook-signature`. */
export function signatureOf(key: Uint8Array, { id, timestamp, body }: SignedParts): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}
