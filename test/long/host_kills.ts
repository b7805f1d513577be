/** Kills a host at any moment, behind a faulty link: [SEED] [ITEMS] [KILLS]. */
import { killHosts } from "../support/host_kills.ts";

const [seed = Date.now() % 100_000, items = 5_000, kills = 8] = Deno.args.map(Number);
const folder = await Deno.makeTempDir();
const result = await killHosts(folder, { seed, items, kills, cuts: 20 });
await Deno.remove(folder, { recursive: true });
console.log(`seed ${seed}`, result);
const { blamed, lost, repeatedWithoutLoss, outcomes } = result;
const isWell = blamed === 0 && lost.length === 0 && repeatedWithoutLoss.length === 0 &&
  outcomes["completed"] === items;
Deno.exitCode = isWell ? 0 : 1;
