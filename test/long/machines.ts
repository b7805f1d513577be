/**
 * Whole programs on several machines that share Debian's PostgreSQL, and what another program finds in it:
 * [FIRST] [LAST] seeds. First what needs no seed: a machine that is cut off, commits whose answers get lost, and a
 * stale replica that is promoted. Then, by seed: kills of owner, host and server, and admission beside SQLite.
 */
import { canCutNetworks, whyNetworksCannotBeCut } from "../support/cut_network.ts";
import { compareAdmissions } from "../support/machines/both_admissions.ts";
import { killMachines } from "../support/machines/kills.ts";
import { loseAnswers } from "../support/machines/lost_answers.ts";
import { partition } from "../support/machines/partitions.ts";
import { promoteStaleReplica } from "../support/machines/stale_replica.ts";
import { postgresIsMissing, whyPostgresIsMissing } from "../support/postgres.ts";

const [first = 1, last = 10] = Deno.args.map(Number);
let [passed, failed, ignored] = [0, 0, 0];

async function check(name: string, run: () => Promise<object | number>): Promise<void> {
  try {
    console.log(`${name}:`, await run());
    passed++;
  } catch (error) {
    console.log(`${name} failed:`, error);
    failed++;
  }
}

function skip(name: string, why: string): void {
  console.log(`${name} is skipped: ${why}`);
  ignored++;
}

if (postgresIsMissing) skip("everything", whyPostgresIsMissing);
else {
  for (const direction of ["toServer", "toClient", null] as const) {
    const name = `a machine is cut off, ${direction ?? "both ways"}`;
    if (canCutNetworks) await check(name, () => partition(direction));
    else skip(name, whyNetworksCannotBeCut);
  }
  await check("commits without their answers", () => loseAnswers({ breaks: 6 }));
  await check("a stale replica is promoted", promoteStaleReplica);
  for (let seed = first; seed <= last; seed++) {
    await check(`kills, seed ${seed}`, () => killMachines({ seed, payments: 1_000, kills: 5 }));
    await check(`admission, seed ${seed}`, () => compareAdmissions({ seed, messages: 1_500 }));
  }
}
console.log(`${passed} passed, ${failed} failed, ${ignored} ignored`);
Deno.exitCode = failed === 0 ? 0 : 1;
