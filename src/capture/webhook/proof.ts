/** Proofs that a request is the provider's. Comparing takes the same time wherever the first difference is. */
import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { UserError } from "../../user_error.ts";
import { type Delivery, Refusal } from "./provider.ts";

/** Of Standard Webhooks, in either direction. */
const toleranceSeconds = 5 * 60;

export function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** Patreon's: the hex HMAC-MD5 of the body. */
export function hexHmacMd5(secret: string, body: Uint8Array): string {
  return createHmac("md5", secret).update(body).digest("hex");
}

/** The key that a Standard Webhooks secret stands for. Throws a `UserError` where it is none. */
export function signingKey(secret: string): Uint8Array {
  if (!secret.startsWith("whsec_")) return new TextEncoder().encode(secret);
  const base64 = secret.slice("whsec_".length);
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return Uint8Array.from(Buffer.from(base64, "base64"));
  throw new UserError('its secret begins with "whsec_", and what follows is not base64: copy it again');
}

/** Holds a request against Standard Webhooks (standardwebhooks.com). `now` is Unix milliseconds. Throws a `Refusal`. */
export function checkSignature({ header, body }: Delivery, key: Uint8Array, now: number): void {
  const [id, timestamp] = [header("webhook-id"), header("webhook-timestamp")];
  const signatures = header("webhook-signature").split(" ");
  if (id === "" || !/^\d{1,12}$/.test(timestamp) || signatures[0] === "") {
    throw new Refusal(
      401,
      "The request is not signed: it needs the headers webhook-id, webhook-timestamp and webhook-signature.",
    );
  }
  const expected = `v1,${
    createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")
  }`;
  if (!signatures.some((signature) => isSame(signature, expected))) {
    throw new Refusal(401, "The signature does not fit: the secret here and at the sender must be the same.");
  }
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) {
    throw new Refusal(
      401,
      "The signature is over five minutes old, or of the future: set the clocks right here and at the sender.",
    );
  }
}
