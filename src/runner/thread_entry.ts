/** The entry point of a worker in Livecue's own process whose service may run programs. */
import { enterFence } from "./fence.ts";
import { keepChildrenApart } from "./own_children.ts";
import { send } from "./worker_entry.ts";

keepChildrenApart(send);
enterFence({ mayRun: true, send });
