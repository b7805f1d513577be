/**
 * The text of one frame of a link: a header line, and then the messages one after another.
 *
 *   FIRST ACKNOWLEDGED (r or -) LENGTH,LENGTH,…⏎MESSAGE MESSAGE …
 *
 * FIRST is the number of the first message; of a frame without messages, the number that the next message will have.
 * ACKNOWLEDGED is the last number up to which the sender has received everything. "r" asks for all that follows it.
 * Lengths are in UTF-16 units, so a message may contain any character.
 */
export interface Frame {
  first: number;
  acknowledged: number;
  asksAgain: boolean;
  messages: readonly string[];
}

export const maxMessagesInFrame = 256;
/** Characters of a frame that has several messages. */
export const fullFrameCharacters = 256 * 1024;
/** Characters of a frame, however large its only message is. */
export const maxFrameCharacters = 16 * 1024 * 1024;

const maxHeaderCharacters = 8 * 1024;

export function encodeFrame({ first, acknowledged, asksAgain, messages }: Frame): string {
  const lengths = messages.map(({ length }) => length).join(",");
  return `${first} ${acknowledged} ${asksAgain ? "r" : "-"} ${lengths}\n${messages.join("")}`;
}

/** Null if the data is no frame. */
export function decodeFrame(data: unknown): Frame | null {
  if (typeof data !== "string" || data.length > maxFrameCharacters) return null;
  const end = data.slice(0, maxHeaderCharacters).indexOf("\n");
  const header = /^(\d{1,15}) (\d{1,15}) ([r-]) ((?:\d{1,8}(?:,\d{1,8})*)?)$/.exec(
    data.slice(0, Math.max(0, end)),
  );
  if (header === null) return null;
  const [, first, acknowledged, again, lengths] = header as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const messages = split(data, end + 1, lengths === "" ? [] : lengths.split(",").map(Number));
  if (messages === null) return null;
  return { first: Number(first), acknowledged: Number(acknowledged), asksAgain: again === "r", messages };
}

function split(data: string, start: number, lengths: readonly number[]): string[] | null {
  if (lengths.length > maxMessagesInFrame) return null;
  let at = start;
  const messages = lengths.map((length) => data.slice(at, at += length));
  return at === data.length ? messages : null;
}
