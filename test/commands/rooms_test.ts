/**
 * Two rooms and a payment page in one Livecue that is disconnected, killed and started again: nothing is lost or
 * repeated.
 */
import { checkRooms } from "../support/rooms_check.ts";
import { type Mishap, RoomsRun } from "../support/rooms_run.ts";
import { withFolder } from "../support/temporary_store.ts";

async function hold(seed: number, mishaps: readonly Mishap[]): Promise<void> {
  await withFolder(async (folder) => {
    await using run = new RoomsRun(folder, seed);
    await run.start();
    await run.steps(60);
    for (const mishap of mishaps) {
      await run.suffer(mishap);
      await run.steps(60);
    }
    await run.end();
    checkRooms(folder, { main: run.main, second: run.second }, run.page.payments);
  });
}

Deno.test("Two rooms and payments survive a kill, a restart, a drop and another room", async () => {
  await hold(1, ["kill", "restart", "main_moves", "kill"]);
});
