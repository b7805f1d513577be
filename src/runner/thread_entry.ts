/** The worker of a service in Livecue's own process. One in a process of its own has that process's group. */
import { keepChildrenApart } from "./own_children.ts";
import { say } from "./worker_entry.ts";

keepChildrenApart(say);
