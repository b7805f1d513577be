/**
 * Many gifts in the whole program and OBS itself, with kills: deno task test:obs [MINUTES] [GIFTS_PER_SECOND] [KILLS].
 * Prints how late the gifts were, which were lost, and what is left in OBS.
 */
import assert from "node:assert/strict";
import { Party, partyObs } from "../support/obs_party.ts";
import { lacksObs, ObsProcess } from "../support/obs_process.ts";
import { RealObs } from "../support/real_obs.ts";
import { withFolder } from "../support/temporary_store.ts";

const [minutes = 3, perSecond = 8, kills = 3] = Deno.args.map(Number);

if (lacksObs) {
  console.error("Install the packages obs-studio, obs-plugins and xvfb first.");
  Deno.exit(2);
}
const process = await ObsProcess.start();
try {
  await using obs = await RealObs.open(process, partyObs);
  await withFolder((folder) => celebrate(obs, folder));
} finally {
  await process.end();
}

async function celebrate(obs: RealObs, folder: string): Promise<void> {
  const party = new Party({ folder, obs, perSecond });
  const before = await party.inObs();
  const gifts = Math.ceil(minutes * 60 * perSecond / (kills + 1));
  for (let kill = 1; kill <= kills; kill++) {
    await party.killAt(gifts);
    console.log(`Kill ${kill}: everything was undone in time.`);
  }
  await party.run(gifts);
  const { completed, lost, lateMs } = party.gifts();
  const part = (share: number) => lateMs[Math.floor(lateMs.length * share)];
  console.log(`${completed} gifts completed, ${lost.length} lost ${[...new Set(lost)].join("; ")}`);
  console.log(`late: p50 ${part(0.5)} ms, p99 ${part(0.99)} ms, at most ${lateMs.at(-1)} ms`);
  console.log(`played ${obs.countOf("play Fanfare")} times, handed out again ${party.handedOutAgain()}`);
  assert.deepEqual(lost, []);
  assert.deepEqual([await party.inObs(), party.kept()], [before, []], "something is left");
  console.log("OBS has what it had before.");
}
