/** The entry point of a worker that several rooms share, if the service may run programs. */
import { enterFence } from "./fence.ts";
import { keepChildrenApart } from "./own_children.ts";
import { giveUp, send } from "./shared_worker_entry.ts";

keepChildrenApart(send);
enterFence({ mayRun: true, send: ({ error }) => giveUp(error) });
