/**
 * Stores readings as fast as it can, and prints the number of each batch when it is stored: FILE FIRST_BATCH. A day has
 * some batches, so that old ones are being packed all the time.
 */
import { systemClock } from "../../src/clock.ts";
import { StoredReadings } from "../../src/app/stored_readings.ts";
import { batchAt, days } from "./readings_run.ts";
import { silentLog } from "./silent_log.ts";

const [file, first] = Deno.args as [string, string];
const readings = new StoredReadings({
  file,
  durability: "normal",
  days,
  clock: systemClock,
  log: silentLog(),
});
for (let number = Number(first);; number++) {
  const committed = () => console.log(number);
  await readings.add("iss", { ...batchAt(number), committed });
}
