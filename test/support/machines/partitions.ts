/** A machine that is cut off from the database in one direction or both, and the machine that takes over. */
import assert from "node:assert/strict";
import { sleep, systemClock } from "../../../src/clock.ts";
import { CutNetwork } from "../cut_network.ts";
import type { Direction } from "../framing.ts";
import { startPostgres } from "../postgres.ts";
import { withFolder } from "../temporary_store.ts";
import { Show } from "./show.ts";

export interface PartitionReport {
  takeoverMs: number;
  /** From the cut to the last hand-out by the old owner. */
  lastHandOutMs: number;
}

/** How long the old owner has to go on alone, after the other one has taken over. */
const afterwardsMs = 3_000;
const slowestTakeoverMs = 6_000;

/** `direction`: what is lost; null: both. Throws if the old owner hands anything out after the takeover. */
export async function partition(direction: Direction | null): Promise<PartitionReport> {
  let report: PartitionReport | null = null;
  await withFolder(async (folder) => {
    await using network = await CutNetwork.make();
    await using server = await startPostgres({ reachableAt: network.hostAddress });
    const address = await server.createDatabase();
    const far = server.address(new URL(address).pathname.slice(1), network.hostAddress);
    await using show = new Show({ folder, server, address });
    const demo = (name: string) => ["start", "--plain", "--source", "demo", "--rate", "40", "--name", name];
    const start = (name: string, database: string, net?: CutNetwork) =>
      show.start(name, [...demo(name), "--database", database], net === undefined ? {} : { network: net });
    const old = start("old", far, network);
    await until(() => show.lines("near").length > 20);
    await start("new", address).line(/takes over when old is lost/);
    const cutAt = Date.now();
    await network.cut(direction ?? undefined);
    await until(() => show.lines("near").some(({ machine }) => machine === "new"));
    const takenAt = await show.number("SELECT taken_at FROM streamer WHERE name = ''");
    assert.deepEqual(await show.rows("SELECT machine FROM streamer WHERE name = ''"), [["new"]]);
    await sleep(systemClock, afterwardsMs);
    await network.heal();
    const { code, stdout, stderr } = await old.ended;
    assert.match(stdout + stderr, /Another machine has taken over/);
    assert.equal(code, 2);
    await show.stop("new");
    const byOld = show.lines("near").filter(({ machine, what }) => machine === "old" && what === "begin");
    const late = byOld.filter(({ at }) => at > takenAt);
    assert.deepEqual(late, [], "the old owner hands out nothing that the new one owns");
    assert.ok(takenAt - cutAt <= slowestTakeoverMs, `the takeover took ${takenAt - cutAt} ms`);
    report = { takeoverMs: takenAt - cutAt, lastHandOutMs: (byOld.at(-1)?.at ?? cutAt) - cutAt };
  });
  return report!;
}

async function until(isIt: () => boolean, limitMs = 60_000): Promise<void> {
  const begin = performance.now();
  while (!isIt()) {
    if (performance.now() - begin > limitMs) throw new Error("It did not happen in a minute.");
    await sleep(systemClock, 20);
  }
}
