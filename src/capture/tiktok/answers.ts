/** Reads the needed fields from JSON answers of TikTok and the sign server, leniently. */

/** TikTok's room ids are numbers of up to 20 digits. */
const roomId = /^[1-9]\d{0,31}$/;

export function fieldAt(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** "" if the field is neither a text nor a number. */
export function textAt(value: unknown, name: string): string {
  const field = fieldAt(value, name);
  return typeof field === "string" || typeof field === "number" ? String(field) : "";
}

/** The text as a room id; null if it cannot be one. */
export function roomIdOf(text: string): string | null {
  return roomId.test(text) ? text : null;
}
