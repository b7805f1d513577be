/** A program with telemetry and a worker that is stuck in a loop. It exits with code 3, as Livecue does. */
import { limitExit } from "../../src/commands/exit_limit.ts";

const code = 'postMessage("running"); for (;;);';
const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
await new Promise((resolve) => worker.onmessage = resolve);
await limitExit(3);
Deno.exit(3);
