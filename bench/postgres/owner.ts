/**
 * A machine that wants the database: `deno run -A owner.ts ADDRESS NAME`. Prints "waits" when another one has it, and
 * "owns" when it has it itself and may write, until it is killed.
 */
import { systemClock } from "../../src/clock.ts";
import { openStore } from "../../src/store/open.ts";
import { silentLog } from "../../test/support/silent_log.ts";

const [address, machine] = Deno.args as [string, string];
const store = await openStore({
  address,
  machine,
  clock: systemClock,
  durability: "full",
  log: silentLog(),
  onHeld: () => console.log("waits"),
});
store.writer.add({ kind: "set_config", key: "owner", value: machine });
await store.writer.flush();
console.log("owns");
await new Promise(() => {});
