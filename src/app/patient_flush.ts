/** The wait for the database at the end of a run, which has an end itself. */
import { type Clock, every } from "../clock.ts";
import type { Writer } from "../store/writer.ts";

/** What waits after so long in trouble is kept as at a stop. */
const patienceMs = 10_000;
const lookEveryMs = 1_000;

/** Resolves when all is written, or when the database has been in trouble for ten seconds. Rejects where it is stopped. */
export async function flushPatiently(writer: Writer, clock: Clock): Promise<void> {
  const givenUp = Promise.withResolvers<void>();
  let healthyAt = clock.monotonic();
  const stopLooking = every(clock, lookEveryMs, () => {
    if (writer.isHealthy) healthyAt = clock.monotonic();
    else if (clock.monotonic() - healthyAt >= patienceMs) givenUp.resolve();
  });
  try {
    await Promise.race([writer.flush(), givenUp.promise]);
  } finally {
    stopLooking();
  }
}
