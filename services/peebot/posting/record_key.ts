/** The key of a record on Bluesky: a TID, made of the post's time and key, so that each try has the same. */
import { createHash } from "node:crypto";

/** In the order of their characters, so that keys sort by time. */
const digits = "234567abcdefghijklmnopqrstuvwxyz";
const length = 13;

/** 53 bits of microseconds since 1970, and 10 bits for the writer. Both take what they lack from the key. */
export function recordKeyOf({ key, at }: { key: string; at: number }): string {
  const random = createHash("sha256").update(key).digest().readUInt32BE(0);
  const microseconds = BigInt(at) * 1000n + BigInt(random % 1000);
  let rest = (microseconds << 10n) | BigInt((random >>> 12) & 1023);
  let text = "";
  for (let index = 0; index < length; index++) {
    text = digits.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}
