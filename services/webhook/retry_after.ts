/** How long a server wants to wait until the next request, in milliseconds, besides `Retry-After`. */

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
