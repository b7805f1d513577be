/**
 * How long a server asks to wait, by its `Retry-After` header: in seconds (with a fraction in Discord's case) or as a
 * date. In milliseconds; 0 if missing or invalid. `now` is in Unix milliseconds.
 */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // Only accept HTTP's format, because Date.parse would even read "7 wombats" as a date.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return 0;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
