/** Waits for the database at the end of a run, but not forever. */
import { type Clock, every, limit } from "../clock.ts";
import type { Writer } from "../store/writer.ts";

/** After this long in trouble, what still waits is handled as at a stop. */
const patienceMs = 10_000;
const checkEveryMs = 1_000;

/**
 * Resolves when everything is written, or when the database has been in trouble for ten seconds. Rejects if the writer
 * is stopped.
 */
export async function flushPatiently(writer: Writer, clock: Clock): Promise<void> {
  const givenUp = Promise.withResolvers<void>();
  let healthyAt = clock.monotonic();
  const stopChecking = every(clock, checkEveryMs, () => {
    if (writer.isHealthy) healthyAt = clock.monotonic();
    else if (clock.monotonic() - healthyAt >= patienceMs) givenUp.resolve();
  });
  try {
    await Promise.race([writer.flush(), givenUp.promise]);
  } finally {
    stopChecking();
  }
}

/** Resolves when everything is written, when it cannot be, or after the limit. */
export async function flushWithin(writer: Writer, clock: Clock, limitMs: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const cancel = limit(clock, limitMs, late.resolve);
  await Promise.race([writer.flush().catch(() => {}), late.promise]);
  cancel();
}
