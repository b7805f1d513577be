/**
 * Stores readings as fast as it can, and prints the number of each batch when it is stored: FILE FIRST_BATCH
 * DAYS, which are those of the retention. A day has some batches, so that old ones are being packed all the time.
 */
import { systemClock } from "../../src/clock.ts";
import { StoredReadings } from "../../src/app/stored_readings.ts";
import type { RetentionDays } from "../../src/readings/retention.ts";
import { batchAt } from "./readings_run.ts";
import { silentLog } from "./silent_log.ts";

const [file, first, days] = Deno.args as [string, string, string];
const readings = new StoredReadings({
  file,
  durability: "normal",
  days: JSON.parse(days) as RetentionDays,
  clock: systemClock,
  log: silentLog(),
});
for (let number = Number(first);; number++) {
  const committed = () => console.log(number);
  await readings.add("iss", { ...batchAt(number), committed });
}
