/** A program with telemetry that exits as Livecue does, with code 3, while a worker is stuck in a loop and an export waits for it. */
import { systemClock } from "../../src/clock.ts";
import { prepareExit } from "../../src/commands/telemetry_exit.ts";

const beforeExit = await prepareExit();
const code = 'postMessage("running"); for (;;);';
const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
await new Promise((resolve) => worker.onmessage = resolve);
await new Promise<void>((resolve) => systemClock.after(1_500, resolve));
await beforeExit();
Deno.exit(3);
