/**
 * Runs test/store/power_cut_test.ts for as long as you like: deno task test:power [SEED] [CUTS]. Each cut has its own
 * seed, counted from the given one.
 */
import { join } from "node:path";
import { cutAndStart, recordWrites, whyNoPowerCut } from "../support/power/power_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const [first = 1, cuts = 1_000] = Deno.args.map(Number);
const why = whyNoPowerCut();
if (why !== null) throw new Error(`The power cannot be cut here: ${why}.`);

for (const durability of ["full", "normal"] as const) {
  await withFolder(async (folder) => {
    const writes = await recordWrites(folder, durability, 1_500);
    let lost = 0;
    for (let seed = first; seed < first + cuts; seed += 1) {
      const after = join(folder, "after");
      await Deno.mkdir(after);
      try {
        const { told, stored } = await cutAndStart(writes, after, seed);
        if (durability === "full" && stored < told) {
          throw new Error(`${told} were told, ${stored} are stored`);
        }
        lost = Math.max(lost, told - stored);
      } catch (error) {
        throw new Error(`${durability}, seed ${seed}`, { cause: error });
      }
      await Deno.remove(after, { recursive: true });
    }
    console.log(
      `${durability}: ${cuts} cuts among ${writes.length} writes, from seed ${first} on; each database was whole, and the ` +
        `most that one lost were ${lost} events that had been told`,
    );
  });
}
