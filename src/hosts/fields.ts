/** Whether a parsed value is an object with keys, rather than a list or nothing. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
