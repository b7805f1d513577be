/** Like bad_services_test.ts, but for services in processes, including actions that no worker can be kept from. */
import * as kinds from "../support/bad_kinds.ts";
import { runBeside } from "../support/bad_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const { flooding, throwing, forging } = kinds;

const some = {
  "throw a proxy": throwing["throw a proxy"] ?? null,
  "throw a huge error": throwing["throw a huge error"] ?? null,
  "flood the console": flooding["flood the console"] ?? null,
  "flood the state": flooding["flood the state"] ?? null,
  "keep 50 MB": /the service passed 48829 KB|lost its worker/,
  "post megabytes in a flood": flooding["post megabytes in a flood"] ?? null,
  "post deep JSON": forging["post deep JSON"] ?? null,
  "forge answers": forging["forge answers"] ?? null,
};

Deno.test("Services in processes that flood, forge, hang and die harm no other", async () => {
  const services = kinds.servicesOf(
    { ...kinds.stuck, ...some, exit: kinds.hanging["exit"] ?? null },
    "process",
  );
  await withFolder(async (folder) => void await runBeside(folder, { services, rate: 100, events: 200 }));
});
