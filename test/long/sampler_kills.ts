/** Runs test/services/sampler/kills_test.ts for longer: deno task test:sampler [SAMPLES] [KILLS] [SEED]. */
import { killSampler } from "../support/sampler_kills.ts";
import { withFolder } from "../support/temporary_store.ts";

const [samples = 200, kills = 400, seed = 1] = Deno.args.map(Number);

await withFolder(async (folder) => {
  const killed = await killSampler(folder, { samples, kills, seed });
  console.log(`${samples} samples are right after ${killed} kills`);
});
console.log("1 passed, 0 failed");
