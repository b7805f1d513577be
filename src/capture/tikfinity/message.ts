/** Reads the envelopes `{ event, data }` in the text of a WebSocket message. Never throws. */

export type Fields = Record<string, unknown>;

export interface Envelope {
  /** For example "gift"; servers differ in upper and lower case. */
  name: string;
  data: Fields;
}

const maxNameLength = 80;
/** More than any server sends at once. */
const maxEnvelopes = 1_000;
/** A number that JavaScript may round: TikTok's ids are this long. */
const longNumber = /(?:^|[:[,\s])-?\d{16,}/;

/** The envelopes of a message, which has one or a list; "corrupt" for each one that cannot be read. */
export function readMessage(text: string): (Envelope | "corrupt")[] {
  const message = parsed(text);
  if (!Array.isArray(message)) return [readEnvelope(message)];
  const envelopes = message.slice(0, maxEnvelopes).map(readEnvelope);
  return message.length > maxEnvelopes ? [...envelopes, "corrupt"] : envelopes;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readEnvelope(message: unknown): Envelope | "corrupt" {
  if (!isFields(message)) return "corrupt";
  const name = message.event ?? message.type;
  if (typeof name !== "string" || name === "" || name.length > maxNameLength) return "corrupt";
  // Some servers omit empty data, as for "connected".
  const data = message.data ?? {};
  return isFields(data) ? { name, data } : "corrupt";
}

function parsed(text: string): unknown {
  try {
    return longNumber.test(text) ? JSON.parse(text, keepLongNumber) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps an integer that is not safe as its source text. */
function keepLongNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? source : value;
}
