/** A host that is killed again and again, behind a link that loses, doubles and breaks, and what became of the items. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FrameFaults, noFaults } from "./frame_faults.ts";
import { type Running, startProgramWith, writeConfig } from "./livecue.ts";
import { OwnerUnderTest, testToken } from "./remote_under_test.ts";

export interface HostKillsOptions {
  seed: number;
  items: number;
  kills: number;
  /** Connections that are cut, in addition. */
  cuts: number;
}

export interface HostKillsResult {
  /** Items by their last outcome. */
  outcomes: Record<string, number>;
  /** Items of which a hand-out failed or crashed. */
  blamed: number;
  /** Hand-outs that were released because the host was lost. */
  released: number;
  /** Items that ran more than once. */
  repeated: number;
  /** Of those, items that ran more often than they were released, and once. */
  repeatedWithoutLoss: number[];
  /** Items that never ran. */
  lost: number[];
  /** Kills of the host. */
  kills: number;
  restarts: number;
}

/** In hand at a time. */
const inHand = 100;

/** `folder`: for the host's config and data. */
export async function killHosts(
  folder: string,
  { seed, items, kills, cuts }: HostKillsOptions,
): Promise<HostKillsResult> {
  const service = fileURLToPath(new URL("./services/noting.ts", import.meta.url));
  await writeConfig(folder, {
    services: { tested: { service_class: service, isolation: "worker", max_concurrency: 16 } },
  });
  let { host, port } = await startHost(folder, 0);
  await using faulty = new FrameFaults(`ws://127.0.0.1:${port}`);
  faulty.faults = { ...noFaults, dropEach: 50, doubleEach: 30 };
  await using owner = new OwnerUnderTest(faulty);
  owner.feed.maxConcurrency = 16;
  await owner.runner.start();
  const random = randomOf(seed);
  const moments = new Map<number, "kill" | "cut">();
  for (let i = 0; i < cuts; i++) moments.set(1 + Math.floor(random() * items), "cut");
  for (let i = 0; i < kills; i++) moments.set(1 + Math.floor(random() * items), "kill");
  const seen = { released: new Map<number, number>(), blamed: 0, kills: 0 };
  let restarting = Promise.resolve();
  const restart = async () => {
    seen.kills++;
    host.kill("SIGKILL");
    await host.ended;
    host = (await startHost(folder, port)).host;
  };
  let nextId = 0;
  const work = async () => {
    for (let id = ++nextId; id <= items; id = ++nextId) {
      const moment = moments.get(id);
      if (moment === "cut") faulty.cut();
      if (moment === "kill") restarting = restarting.then(restart);
      await handle(owner, id, seen);
    }
  };
  await Promise.all(Array.from({ length: inHand }, work));
  await restarting;
  const restarts = owner.runner.stats.restarts;
  const outcomes: Record<string, number> = {};
  for (const { kind } of owner.feed.outcomes.values()) outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  await owner.runner.stop();
  host.kill("SIGINT");
  await host.ended;
  return { ...judged(folder, items, seen), outcomes, kills: seen.kills, restarts };
}

/** Hands the item out until it has ended, as a queue does. */
async function handle(
  { feed }: OwnerUnderTest,
  id: number,
  seen: { released: Map<number, number>; blamed: number },
): Promise<void> {
  for (;;) {
    const { kind } = await feed.say(id, "wait a turn", { isAsync: id % 50 > 0 });
    if (kind === "completed") return;
    if (kind !== "released") seen.blamed++;
    seen.released.set(id, (seen.released.get(id) ?? 0) + 1);
  }
}

function judged(
  folder: string,
  items: number,
  { released, blamed }: { released: Map<number, number>; blamed: number },
): Pick<HostKillsResult, "blamed" | "released" | "repeated" | "repeatedWithoutLoss" | "lost"> {
  const notes = Deno.readTextFileSync(join(folder, "data", "tested", "room1", "notes")).trim().split("\n");
  const runs = new Map<number, number>();
  for (const note of notes) runs.set(Number(note), (runs.get(Number(note)) ?? 0) + 1);
  const ids = Array.from({ length: items }, (_, index) => index + 1);
  return {
    blamed,
    released: released.values().reduce((sum, count) => sum + count, 0),
    repeated: runs.values().filter((count) => count > 1).toArray().length,
    repeatedWithoutLoss: ids.filter((id) => (runs.get(id) ?? 0) > 1 + (released.get(id) ?? 0)),
    lost: ids.filter((id) => !runs.has(id)),
  };
}

async function startHost(folder: string, port: number): Promise<{ host: Running; port: number }> {
  const listen = `127.0.0.1:${port}`;
  const env = { LIVECUE_HOST_TOKEN: testToken };
  const host = startProgramWith(env, folder, "work", "--name", "gpu-1", "--listen", listen);
  const line = await host.line(/gpu-1 serves/);
  return { host, port: Number(/ws:\/\/\S+:(\d+)/.exec(line)?.[1]) };
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
