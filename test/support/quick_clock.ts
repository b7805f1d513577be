/** A clock that runs faster than the system's, for parts that wait for a real server. */
import { type Clock, systemClock } from "../../src/clock.ts";

export function quickClock(times: number): Clock {
  const startedAt = systemClock.monotonic();
  const passed = () => (systemClock.monotonic() - startedAt) * times;
  const begin = systemClock.now();
  return {
    now: () => begin + passed(),
    monotonic: passed,
    uptime: passed,
    after: (delayMs, run) => systemClock.after(delayMs / times, run),
  };
}
