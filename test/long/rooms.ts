/**
 * Runs test/commands/rooms_test.ts for as long as you like: deno task test:long [MINUTES] [SEED]. The seed decides the
 * order of the mishaps. After each ten mishaps the database is compared with everything that was sent.
 */
import { checkRooms } from "../support/rooms_check.ts";
import { randomFrom } from "../support/rooms_scene.ts";
import { mishaps, RoomsRun } from "../support/rooms_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const [minutes = 60, seed = 1] = Deno.args.map(Number);
const random = randomFrom(seed);
const until = performance.now() + minutes * 60_000;

await withFolder(async (folder) => {
  await using run = new RoomsRun(folder, seed);
  for (let round = 1; performance.now() < until; round++) {
    await run.start();
    for (let count = 0; count < 10; count++) {
      await run.steps(Math.floor(random() * 200));
      const mishap = mishaps[Math.floor(random() * mishaps.length)]!;
      console.log(`round ${round}: ${mishap}`);
      await run.suffer(mishap);
    }
    await run.end();
    checkRooms(folder, { main: run.main, second: run.second }, run.page.payments);
    console.log(`round ${round}: all is there, once (${run.page.payments.length} payments)`);
  }
});
