/** What is read of the JSON that TikTok and the sign server answer with: leniently, and no more of it than is of use. */

/** Ids of TikTok's rooms are numbers of up to 20 digits. */
const roomId = /^[1-9]\d{0,31}$/;

export function fieldAt(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** "" where there is no text. */
export function textAt(value: unknown, name: string): string {
  const field = fieldAt(value, name);
  return typeof field === "string" || typeof field === "number" ? String(field) : "";
}

/** The id of a room; null where there is none that could be one. */
export function roomIdOf(text: string): string | null {
  return roomId.test(text) ? text : null;
}
