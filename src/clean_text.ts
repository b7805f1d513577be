/**
 * Makes text from strangers safe for a terminal, a log line and the database. Keeps visible characters of every
 * script. Removes invisible ones that could control a terminal, reverse the text direction or hide in a name.
 * Cleaning twice gives the same result as cleaning once.
 */

// Deferred until the first text that is not simple: compiling its expressions takes 12 to 25 ms in each thread.
import defer * as rules from "./text_rules.ts";

/** TikTok limits names to 30 characters; other names in the protocol are a little longer. */
const maxNameLength = 64;

const maxLineLength = 4_000;

/**
 * Characters that no rule affects and that never combine with their neighbors: Latin, Greek, Cyrillic, Chinese,
 * Japanese, Korean, symbols, and emoji without a skin tone. Most text consists of these. This expression checks a
 * comment in 0.1 µs; going through its characters takes 6 µs.
 */
export const simpleText =
  /^[ -~À-ɏͰ-ͷΑ-ΡΣ-ώЀ-ҁҊ-ӿ‐-‧‰-⁞←-⏿─-⟯、-〗ぁ-ゖァ-ヺー一-鿿가-힣\u{1f300}-\u{1f3fa}\u{1f400}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}]*$/u;

/** Cleans a comment or other text, and cuts it to `maxLength` graphemes. Line breaks become spaces. */
export function cleanText(text: string, maxLength: number): string {
  return isSimple(text, maxLength) ? text : rules.cleanText(text, maxLength);
}

/** Cleans a name; "" if it has no visible characters. */
export function cleanName(text: string): string {
  return isSimple(text, maxNameLength) ? text.trim() : rules.cleanName(text, maxNameLength);
}

/** Cleans one line of a log; keeps its leading spaces. */
export function cleanLine(line: string): string {
  return cleanText(line, maxLineLength);
}

function isSimple(text: string, maxLength: number): boolean {
  return text.length <= maxLength && simpleText.test(text);
}
