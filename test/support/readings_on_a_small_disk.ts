/**
 * Fills a small disk with readings, frees space once the log says that it is full, and prints what became of them:
 * FOLDER, which has a file `ballast`.
 */
import { join } from "node:path";
import { StoredReadings } from "../../src/app/stored_readings.ts";
import { systemClock } from "../../src/clock.ts";
import { Deadline } from "../../src/deadline.ts";
import { heardLog } from "./heard_log.ts";
import { batchAt, checkStream, days } from "./readings_run.ts";

const batchCount = 60;
const [folder] = Deno.args as [string];
const [file, log] = [join(folder, "readings.db"), heardLog()];
const readings = new StoredReadings({ file, durability: "full", days, clock: systemClock, log });
let committed = 0;
for (let batch = 0; batch < batchCount; batch++) {
  readings.add("iss", { ...batchAt(batch), committed: () => committed++ });
}
const { text } = await log.heard(/cannot be stored/);
const committedWhenFull = committed;
await Deno.remove(join(folder, "ballast"));
await readings.flushed();
await readings.stop(new Deadline(systemClock));
const { count } = checkStream(file);
console.log(JSON.stringify({ text, committedWhenFull, committed, count, counts: readings.counts }));
