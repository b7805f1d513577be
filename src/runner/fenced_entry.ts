/** The entry point of a worker in Livecue's own process whose service may not run programs. */
import { enterFence } from "./fence.ts";
import { send } from "./worker_entry.ts";

enterFence({ mayRun: false, send });
