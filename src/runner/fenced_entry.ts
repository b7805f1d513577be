/** The worker of a service that may not run programs, in Livecue's own process. */
import { enterFence } from "./fence.ts";
import { say } from "./worker_entry.ts";

enterFence({ mayRun: false, say });
