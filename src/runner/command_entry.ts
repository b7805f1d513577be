/** The worker of a command whose service may run programs. They share the terminal with the person who gave the command. */
import { enterFence } from "./fence.ts";
import { say } from "./worker_entry.ts";

enterFence({ mayRun: true, say });
