/**
 * Runs test/commands/kills_test.ts for as long as you like: deno task test:kills [SEED] [ROUNDS]. Each round has its
 * own seed, counted from the given one. Before the first, it kills at each moment of an item in steps.
 */
import { killMigrations } from "../support/kill_migration.ts";
import { runWithKills } from "../support/kill_run.ts";
import { Choices } from "../support/kill_scene.ts";
import { killAtEachMoment } from "../support/step_moments.ts";
import { randomFrom } from "../support/rooms_scene.ts";
import { withFolder } from "../support/temporary_store.ts";

const [first = 1, rounds = 100] = Deno.args.map(Number);

for (const isolation of ["worker", "process"] as const) {
  for (const fails of [false, true]) {
    await withFolder(async (folder) => {
      const kills = await killAtEachMoment(folder, { steps: ["fetch", "convert", "save"], isolation, fails });
      console.log(
        `${isolation}: ${kills} kills at the moments of an item in steps that ${fails ? "fails" : "ends"}`,
      );
    });
  }
}

for (let seed = first; seed < first + rounds; seed++) {
  await withFolder(async (folder) => {
    const migrations = await killMigrations(folder, new Choices(randomFrom(seed)), {
      events: 20_000,
      kills: 5,
    });
    console.log(`seed ${seed}: ${migrations} kills of starts that brought an older database up to date`);
  });
  await withFolder(async (folder) => {
    try {
      const options = { seed, messages: 1_500, cuts: 5, hasProcess: seed % 3 === 0, dies: seed % 2 === 0 };
      const { kills, stops, events, items, changes } = await runWithKills(folder, options);
      console.log(
        `seed ${seed}: ${kills} kills and ${stops} stops, ${events} events and ${items} items are right, after ${changes} changes`,
      );
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  });
}
console.log(`${rounds} passed, 0 failed`);
