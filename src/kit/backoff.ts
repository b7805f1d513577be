/** How long to wait before the next try, as "livecue/backoff". */
export { backoffMs, type BackoffOptions } from "../backoff.ts";
