/**
 * Runs test/commands/admission_test.ts for as long as you like: deno task test:admission [SEED] [ROUNDS]. Each round
 * has its own seed, counted from the given one. Every fifth round has queues that are too long for memory.
 */
import { runAdmission } from "../support/admission_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const [first = 1, rounds = 100] = Deno.args.map(Number);

for (let seed = first; seed < first + rounds; seed++) {
  await withFolder(async (folder) => {
    const isLong = seed % 5 === 0;
    const given = isLong
      ? { messages: 9_000, captures: 3, sizes: [10_500, 14_000] }
      : { messages: 3_000, captures: 3, sizes: [1, 10, 100, 1_000, 3_000] };
    try {
      const { rows, evicted, dropped, kills, changes } = await runAdmission(folder, { seed, ...given });
      console.log(
        `seed ${seed}: ${rows} rows are the model's, ${evicted} evicted and ${dropped} dropped, after ${kills} kills; ` +
          `${changes} changes are right`,
      );
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  });
}
