/** How long a server wants to wait until the next request, in milliseconds. */

/** The `Retry-After` header, in seconds (with a fraction in Discord's case) or as a date; 0 if missing or invalid. */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // Only accept HTTP's format, because Date.parse would even read "7 wombats" as a date.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return 0;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** The delay in the body of Discord's 429, which is more exact than the one in its header. */
export function retryAfterOfBody(text: string): number {
  const seconds = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(text)?.[1] ?? 0;
  return Math.ceil(Number(seconds) * 1000);
}

/** How long to pause if the answer says that the rate limit is used up; else 0. */
export function restOf(headers: Headers): number {
  const isUsedUp = headers.get("x-ratelimit-remaining")?.trim() === "0";
  const seconds = Number(headers.get("x-ratelimit-reset-after") ?? Number.NaN);
  return isUsedUp && seconds > 0 ? Math.ceil(seconds * 1000) : 0;
}
