/** Whatever a service does, another one handles each event once and in order, and the log names the culprit. */
import * as kinds from "../support/bad_kinds.ts";
import { type BadService, runBeside } from "../support/bad_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const groups: Record<string, BadService[]> = {
  "that throw, and give wrong values": kinds.servicesOf(
    { ...kinds.throwing, ...kinds.wrongValues },
    "worker",
  ),
  "that flood": kinds.servicesOf(kinds.flooding, "worker"),
  "that forge, hang and cannot be loaded": [
    ...kinds.servicesOf({ ...kinds.forging, ...kinds.hanging }, "worker"),
    ...kinds.brokenServices("worker"),
  ],
};

for (const [name, services] of Object.entries(groups)) {
  Deno.test(`Services in workers ${name} harm no other: ${services.length} of them`, async () => {
    await withFolder(async (folder) => void await runBeside(folder, { services, rate: 100, events: 200 }));
  });
}
