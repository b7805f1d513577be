/** Exponential backoff for retries: "livecue/backoff". */
export { backoffMs, type BackoffOptions } from "../backoff.ts";
