/**
 * Events at an even pace: each has the moment at which it is due, whatever became of the ones before it, so that a
 * hold-up counts for every event that it delays. Moments are by the wall clock's origin and the monotonic clock, in
 * milliseconds, which a worker of the same process reads alike.
 */
export interface Pace {
  ratePerSecond: number;
  count: number;
}

export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Yields the moment at which each event was due, as soon as the moment has come. A separate thread reports the
 * moments, like a socket: timers wake up to a millisecond late, which would count as latency.
 */
export async function* dueMoments({ ratePerSecond, count }: Pace): AsyncGenerator<number> {
  const worker = new Worker(new URL("pace_worker.ts", import.meta.url), { type: "module" });
  let dueCount = 0;
  let wake = () => {};
  worker.onmessage = ({ data }: MessageEvent<number>) => {
    dueCount = data;
    wake();
  };
  const startMs = 100;
  const begin = clock() + startMs;
  worker.postMessage({ begin, ratePerSecond, count });
  try {
    for (let index = 0; index < count; index++) {
      if (index >= dueCount) await new Promise<void>((resolve) => wake = resolve);
      yield begin + index * 1000 / ratePerSecond;
    }
  } finally {
    worker.terminate();
  }
}
