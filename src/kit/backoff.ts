/** Waits before a retry: "livecue/backoff". */
export { backoffMs, type BackoffOptions } from "../backoff.ts";
export { retryAfterMs } from "../retry_after.ts";
