/** When a server wants to hear from us again, in milliseconds from now. */

/** `Retry-After` in seconds (with a fraction, as Discord's) or as a date; 0 where there is none that makes sense. */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // Only the format of HTTP: Date.parse would take "7 wombats" for a date, too.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return 0;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** What Discord says in the body of a 429, more exactly than in its header. */
export function retryAfterOfBody(text: string): number {
  const seconds = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(text)?.[1] ?? 0;
  return Math.ceil(Number(seconds) * 1000);
}

/** How long to rest where an answer says that no more requests are left for now; 0 where it does not. */
export function restOf(headers: Headers): number {
  const isUsedUp = headers.get("x-ratelimit-remaining")?.trim() === "0";
  const seconds = Number(headers.get("x-ratelimit-reset-after") ?? Number.NaN);
  return isUsedUp && seconds > 0 ? Math.ceil(seconds * 1000) : 0;
}
