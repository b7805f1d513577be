/**
 * The parts of a payment that Livecue keeps: cleaned names and texts, and ids. It keeps no e-mail address and no hash
 * of one, even if the address is in a name or a message.
 */
import { createHash } from "node:crypto";
import { cleanName, cleanText } from "../../clean_text.ts";
import { nobody, type User } from "../../event.ts";

const maxTextLength = 500;
/** The longest id that an export may have. */
const maxIdLength = 64;

const emailAddress = /[^\s@<>()"]+@[^\s@<>()"]+\.[^\s@<>()"]+/gu;

/** Names that mean "no name": people without a name are not one person. */
const noNames = ["anonymous", "ko-fi supporter", "somebody", "someone"];

export function keptText(text: string): string {
  // Addresses are removed before the text is cut, because half an address is one too.
  return cleanText(cleanText(text, 2 * maxTextLength).replace(emailAddress, "…"), maxTextLength);
}

/** "" if the name contains an e-mail address. */
export function keptName(text: string): string {
  const name = cleanName(text);
  return name.search(emailAddress) === -1 ? name : "";
}

/** A provider's id, with the provider's name as a prefix. Long ids are hashed. */
export function keptId(provider: string, id: string): string {
  const whole = `${provider}:${cleanText(id, 10 * maxIdLength)}`;
  if (whole.length <= maxIdLength) return whole;
  return `${provider}:${createHash("sha256").update(whole).digest("hex").slice(0, 32)}`;
}

/**
 * The payer. Without an id from the provider, the name is the id, so that first times and leaderboards work. Two
 * people with the same name then count as one.
 */
export function payer(provider: string, { name, id = "" }: { name: string; id?: string | undefined }): User {
  const nickname = keptName(name);
  const folded = nickname.normalize("NFKC").toLowerCase();
  const own = keptName(id);
  if (own !== "") return { ...nobody, id: keptId(provider, own), nickname };
  if (folded === "" || noNames.includes(folded)) return { ...nobody, nickname };
  return { ...nobody, id: keptId(provider, folded), nickname };
}
