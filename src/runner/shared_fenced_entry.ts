/** The entry point of a worker that several rooms share, if the service may not run programs. */
import { enterFence } from "./fence.ts";
import { giveUp } from "./shared_worker_entry.ts";

enterFence({ mayRun: false, send: ({ error }) => giveUp(error) });
