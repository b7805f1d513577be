/** Standard Webhooks (standardwebhooks.com), by which a receiver knows who sent a delivery, and that it is no replay. */
import { createHmac } from "node:crypto";

/** The bytes of a secret: what stands in base64 behind "whsec_", or else the text itself. Null where it is neither. */
export function keyOf(secret: string): Uint8Array | null {
  if (!secret.startsWith("whsec_")) return secret === "" ? null : new TextEncoder().encode(secret);
  const base64 = secret.slice("whsec_".length);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  return Uint8Array.from(atob(base64.replace(/=+$/, "")), (character) => character.charCodeAt(0));
}

/** `timestamp` in Unix seconds. */
export function sign(
  key: Uint8Array,
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
