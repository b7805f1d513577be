/**
 * Kills Livecue while it stores, packs and deletes readings: deno task test:readings [SEED] [ROUNDS]. Each round has its
 * own seed, counted from the given one, ten kills, and a count of everything after each.
 */
import { days } from "../support/readings_run.ts";
import { killWriters } from "../support/readings_kills.ts";
import { withFolder } from "../support/temporary_store.ts";

const [first = 1, rounds = 10] = Deno.args.map(Number);
const kills = 10;

for (let seed = first; seed < first + rounds; seed++) {
  await withFolder(async (folder) => {
    try {
      const kept = seed % 2 === 0 ? days : { rawDays: 1, packedDays: 3, rollupDays: 6 };
      const { count, deleted, chunks } = await killWriters(folder, { seed, kills, days: kept });
      console.log(
        `seed ${seed}: ${kills} kills, ${count} readings are counted, ${deleted} of them are deleted, and ${chunks} chunks are left`,
      );
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  });
}
console.log(`${rounds} passed, 0 failed`);
