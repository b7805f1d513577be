/**
 * The entry point of a command's worker whose service may run programs. These programs share the terminal with the
 * user.
 */
import { enterFence } from "./fence.ts";
import { send } from "./worker_entry.ts";

enterFence({ mayRun: true, send });
