/**
 * The entry point of a command's worker whose service may run programs. These programs share the terminal with the
 * user.
 */
import { enterFence } from "./fence.ts";
import { say } from "./worker_entry.ts";

enterFence({ mayRun: true, say });
