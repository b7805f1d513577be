/**
 * Injected time: the one module that reads the clock or sets a timer. Tests pass a fake one.
 *
 * Wall time (`now`) is for rows and for display: a person or a time server may set it back or forward. A span that
 * is running is measured by `monotonic`.
 */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds since some moment of this process; never goes back, whatever is done to the wall clock. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** A timer that is set for longer goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    let timer = setTimer(delayMs);
    function setTimer(restMs: number): ReturnType<typeof setTimeout> {
      return restMs > longestTimerMs
        ? setTimeout(() => timer = setTimer(restMs - longestTimerMs), longestTimerMs)
        : setTimeout(run, Math.max(0, restMs));
    }
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or as soon as `signal` aborts: look at `signal.aborted` to tell which. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Calls `run` every `intervalMs` until the returned function is called. */
export function every(clock: Clock, intervalMs: number, run: () => void): () => void {
  let cancel = clock.after(intervalMs, tick);
  function tick() {
    cancel = clock.after(intervalMs, tick);
    run();
  }
  return () => cancel();
}
