/** Proofs that a request is the provider's. Comparing takes the same time wherever the first difference is. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { signatureOf } from "../../kit/standard_webhooks.ts";
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
  const expected = signatureOf(key, { id, timestamp, body });
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
