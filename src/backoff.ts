/** How long to wait before the next try: each failure in a row doubles the wait, up to a longest one. */

export interface BackoffOptions {
  /** Before the second try, in milliseconds. */
  firstMs: number;
  longestMs: number;
  /** Up to this part of the wait is added by chance, so that many do not try at the same moment. Default 0. */
  jitter?: number;
  /** From 0 to under 1. Default: `Math.random`. */
  random?: () => number;
}

/** Milliseconds to wait after this many failures in a row (1 after the first). */
export function backoffMs(failures: number, options: BackoffOptions): number {
  const { firstMs, longestMs, jitter = 0, random = Math.random } = options;
  const waitMs = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
  return jitter === 0 ? waitMs : Math.round(waitMs * (1 + jitter * random()));
}
