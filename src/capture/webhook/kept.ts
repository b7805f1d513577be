/**
 * What is kept of what a provider tells: names and texts, cleaned, and ids. Nobody's e-mail address is, not even
 * where it stands in a name or a message, and no hash of one.
 */
import { createHash } from "node:crypto";
import { cleanName, cleanText } from "../../clean_text.ts";
import { nobody, type User } from "../../event.ts";

const maxTextLength = 500;
/** As long as an export may hold. */
const maxIdLength = 64;

const emailAddress = /[^\s@<>()"]+@[^\s@<>()"]+\.[^\s@<>()"]+/gu;

/** Names that stand for "no name": those who gave none are not one person. */
const noNames = ["anonymous", "ko-fi supporter", "somebody", "someone"];

export function keptText(text: string): string {
  // Looked for before the text is cut: half an address is one, too.
  return cleanText(cleanText(text, 2 * maxTextLength).replace(emailAddress, "…"), maxTextLength);
}

/** "" where it is an e-mail address. */
export function keptName(text: string): string {
  const name = cleanName(text);
  return name.search(emailAddress) === -1 ? name : "";
}

/** An id of a provider's, told from those of others. Long ones are shortened, the same always to the same. */
export function keptId(provider: string, id: string): string {
  const whole = `${provider}:${cleanText(id, 10 * maxIdLength)}`;
  if (whole.length <= maxIdLength) return whole;
  return `${provider}:${createHash("sha256").update(whole).digest("hex").slice(0, 32)}`;
}

/**
 * The one who paid. Without an id of the provider's own, the name is the id, so that first times and boards work: two
 * people of one name are one person then.
 */
export function payer(provider: string, { name, id = "" }: { name: string; id?: string | undefined }): User {
  const nickname = keptName(name);
  const folded = nickname.normalize("NFKC").toLowerCase();
  const own = keptName(id);
  if (own !== "") return { ...nobody, id: keptId(provider, own), nickname };
  if (folded === "" || noNames.includes(folded)) return { ...nobody, nickname };
  return { ...nobody, id: keptId(provider, folded), nickname };
}
