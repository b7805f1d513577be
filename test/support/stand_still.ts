import { sleep, systemClock } from "../../src/clock.ts";
import type { Running } from "./livecue.ts";

/** Stops a process for so long, as a computer's sleep does. Of a stopped process nothing but time can be awaited. */
export async function standStill(running: Running, ms: number): Promise<void> {
  running.kill("SIGSTOP");
  await sleep(systemClock, ms);
  running.kill("SIGCONT");
}
