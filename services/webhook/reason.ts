/** What a server's answer says about an error: the messages of its JSON with their places, or its text. */

const maxExcerpt = 200;
const maxMessages = 3;

/** Objects that hold errors, and are no place of one. */
const holders = ["errors", "_errors", "error"];
/** The names under which servers give the message of an error, the best first. */
const ownNames = ["message", "error", "detail", "title"];

/** One line without characters that could harm a terminal; "" for an empty answer. */
export function reasonOf(text: string): string {
  const messages = messagesIn(parsed(text), "");
  const shown = messages.length === 0 ? text : messages.slice(0, maxMessages).join("; ");
  const line = shown.replace(/[\p{C}\s]+/gu, " ").trim();
  return line.length <= maxExcerpt ? line : `${line.slice(0, maxExcerpt)}…`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The texts that describe errors. Servers nest them by the place of the error, as in
 * `{"errors": {"embeds": {"0": {"title": {"_errors": [{"message": "Must be 256 or fewer in length."}]}}}}}`, or as in
 * `{"content": ["Must be 2000 or fewer in length."]}`. The most exact ones come first.
 */
function messagesIn(value: unknown, place: string): string[] {
  if (typeof value === "string") {
    return value.trim() === "" ? [] : [place === "" ? value : `${place}: ${value}`];
  }
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((part) => messagesIn(part, place));
  const nested = Object.entries(value).flatMap(([key, part]) =>
    typeof part === "object" ? messagesIn(part, holders.includes(key) ? place : joined(place, key)) : []
  );
  if (nested.length > 0) return nested;
  const own = ownNames.map((name) => (value as Record<string, unknown>)[name]).find((text) =>
    typeof text === "string"
  );
  return messagesIn(own, place);
}

function joined(place: string, key: string): string {
  return place === "" ? key : `${place}.${key}`;
}
