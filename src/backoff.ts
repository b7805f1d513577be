/** Exponential backoff: each consecutive failure doubles the wait, up to a maximum. */

export interface BackoffOptions {
  /** The wait before the second try. */
  firstMs: number;
  longestMs: number;
  /** Up to this fraction of the wait is added at random, so that many clients do not retry at once. Default 0. */
  jitter?: number;
  /** Returns a number from 0 up to 1. Default: `Math.random`. */
  random?: () => number;
}

/** Milliseconds to wait after this many consecutive failures (1 after the first). */
export function backoffMs(failures: number, options: BackoffOptions): number {
  const { firstMs, longestMs, jitter = 0, random = Math.random } = options;
  const waitMs = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
  return jitter === 0 ? waitMs : Math.round(waitMs * (1 + jitter * random()));
}
