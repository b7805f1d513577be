/** The worker of a service that may run programs, in Livecue's own process. */
import { enterFence } from "./fence.ts";
import { keepChildrenApart } from "./own_children.ts";
import { say } from "./worker_entry.ts";

keepChildrenApart(say);
enterFence({ mayRun: true, say });
