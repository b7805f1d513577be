/** The text of one WebSocket message → its envelopes `{ event, data }`. Nothing is thrown by any text. */

export type Fields = Record<string, unknown>;

export interface Envelope {
  /** As "gift"; servers differ in small and great letters. */
  name: string;
  data: Fields;
}

const maxNameLength = 80;
/** More than any server sends at once. */
const maxEnvelopes = 1_000;
/** A number that JavaScript may round: ids of TikTok's are that long. */
const longNumber = /(?:^|[:[,\s])-?\d{16,}/;

/** The envelopes, one or a list of them; "corrupt" stands for each that cannot be read. */
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
  // Some servers leave out what has nothing in it, as the data of "connected".
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

/** An integer beyond exact numbers stays the text that it was. */
function keepLongNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? source : value;
}
