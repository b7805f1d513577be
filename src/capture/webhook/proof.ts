/** Verifies that a request comes from the provider. Comparisons take constant time. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { signatureOf } from "../../kit/standard_webhooks.ts";
import { t } from "../../language.ts";
import { type Delivery, Refusal } from "./provider.ts";

/** As Standard Webhooks recommends, in both directions. */
const toleranceSeconds = 5 * 60;

export function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** Patreon's signature: the hex HMAC-MD5 of the body. */
export function hexHmacMd5(secret: string, body: Uint8Array): string {
  return createHmac("md5", secret).update(body).digest("hex");
}

/** Verifies a request by Standard Webhooks (standardwebhooks.com). `now`: Unix milliseconds. Throws a `Refusal`. */
export function checkSignature({ header, body }: Delivery, key: Uint8Array, now: number): void {
  const [id, timestamp] = [header("webhook-id"), header("webhook-timestamp")];
  const signatures = header("webhook-signature").split(" ");
  if (id === "" || !/^\d{1,12}$/.test(timestamp) || signatures[0] === "") {
    throw new Refusal(
      401,
      t`The request is not signed. It needs the headers webhook-id, webhook-timestamp and webhook-signature.`,
    );
  }
  const expected = signatureOf(key, { id, timestamp, body });
  if (!signatures.some((signature) => isSame(signature, expected))) {
    throw new Refusal(
      401,
      t`The signature does not match. The secret must be the same here and at the sender.`,
    );
  }
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) {
    throw new Refusal(
      401,
      t`The signature is over five minutes old, or from the future. Correct the clocks here and at the sender.`,
    );
  }
}
