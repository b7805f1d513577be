/**
 * Captures many streamers on one machine, then on two of which one is killed now and then: [MINUTES] [ROOMS]. Prints how
 * long rooms take to open and to be taken over, and what a machine costs. Throws if a room is captured twice or by nobody.
 * The machines share this computer with PostgreSQL and a fake TikTok.
 */
import assert from "node:assert/strict";
import { CrowdTikTok } from "../support/machines/crowd_tiktok.ts";
import { type Cost, ManyRooms } from "../support/machines/many_rooms.ts";
import { postgresIsMissing, startPostgres, whyPostgresIsMissing } from "../support/postgres.ts";
import { withFolder } from "../support/temporary_store.ts";

const [minutes = 60, count = 500] = Deno.args.map(Number);
/** The time from one kill to the next. */
const killEveryMs = Math.min(10, minutes / 2) * 60_000;
const costMs = Math.min(60_000, killEveryMs);

if (postgresIsMissing) console.log(`Nothing is tested: ${whyPostgresIsMissing}.`);
else {
  for (const areLive of [false, true]) await inRooms(areLive, (rooms) => oneMachine(rooms, areLive));
  await inRooms(true, twoMachines);
  console.log("3 passed, 0 failed");
}

async function inRooms(
  areLive: boolean,
  use: (rooms: ManyRooms, tiktok: CrowdTikTok) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await using server = await startPostgres();
    const address = await server.createDatabase();
    await using tiktok = new CrowdTikTok({ areLive });
    await using rooms = new ManyRooms({ folder, server, address, tiktok, count });
    await rooms.prepare();
    await use(rooms, tiktok);
  });
}

async function oneMachine(rooms: ManyRooms, areLive: boolean): Promise<void> {
  rooms.start("studio-1");
  const openMs = await rooms.untilHeld(["studio-1"]);
  // What the opening left behind is not what a machine costs.
  await rooms.cost("studio-1", 10_000);
  const cost = await rooms.cost("studio-1", costMs);
  console.log(
    `${count} rooms, ${areLive ? "live and quiet" : "offline"}: open in ${seconds(openMs)}, ${told(cost)}`,
  );
  await rooms.stop("studio-1");
}

async function twoMachines(rooms: ManyRooms, tiktok: CrowdTikTok): Promise<void> {
  const until = performance.now() + minutes * 60_000;
  let [lost, other] = ["studio-1", "studio-2"];
  rooms.start(lost);
  rooms.start(other);
  await rooms.untilHeld([lost, other]);
  while (performance.now() + killEveryMs < until) {
    const cost = await rooms.cost(lost, killEveryMs);
    const before = await rooms.held();
    await rooms.kill(lost);
    const takeoverMs = await rooms.untilHeld([other]);
    rooms.start(lost);
    console.log(
      `${lost} had ${before[lost] ?? 0} rooms, ${told(cost)}; after its kill ${other} has all in ${
        seconds(takeoverMs)
      }`,
    );
    await tiktok.untilHeard(count);
    assert.deepEqual(await rooms.troubles(), [], "each room stores events, in one session");
    assert.equal(tiktok.mostAtOnce, 1, "no room is captured twice at a time");
    [lost, other] = [other, lost];
  }
  await rooms.stop(lost);
  await rooms.stop(other);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function told({ megabytes, cpu }: Cost): string {
  return `${megabytes.toFixed(0)} MB, ${(cpu * 100).toFixed(0)} % of a core`;
}
