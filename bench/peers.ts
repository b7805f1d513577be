/**
 * Livecue beside the job queues that a user could pick instead, in the same run and with the same work: events of 600
 * bytes, each for two consumers that do nothing, one of them strictly one at a time and in order, the other 16 at once.
 * A peer has a queue for each consumer, and a job in both for each event. An event counts when both have completed it.
 * The events come as fast as they are taken, while they are being processed.
 *
 * Each peer is set up as its own documentation advises: bench/peers/ has a file for each, which says what was tried.
 * Where a program is missing, a sentence says which of Debian's packages has it, and its peer has no figures. The peers
 * are no dependencies of Livecue: npm installs them into the system's folder for temporary files.
 *
 * `deno run -A bench/peers.ts [--short] [--json]`; the short form leaves out what would have to be installed first.
 */
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { Interruption } from "./peers/interruption.ts";
import { type Peer, type PeerRound, peers, rateOf } from "./peers/peer.ts";
import { peersHere } from "./peers/peers_here.ts";
import { packagesFolder, programFolders } from "./peers/programs.ts";
import { ceiling } from "./pipeline/ceiling.ts";
import { commentsOf600Bytes, type Durability, quietService, runLivecue } from "./pipeline/livecue.ts";

/** Something whose events a second are measured once in each round. */
interface System {
  name: string;
  /** "loop" is what the machine can do. */
  kind: "loop" | "livecue" | "peer";
  /** Whether what it says it has committed is on the disk; else the system may lose the last second, or less. */
  isSynced: boolean;
  measure(): Promise<number>;
}

export const benchmark: Benchmark = {
  name: "peers",
  about: "Livecue beside plainjob, BullMQ and graphile-worker, with events of 600 bytes to two consumers",
  async *measure({ isShort }) {
    using interruption = new Interruption();
    const { signal } = interruption;
    const [count, warmUp, rounds] = isShort ? [3_000, 500, 1] : [20_000, 2_000, 5];
    const events = commentsOf600Bytes(count);
    const folders = await programFolders();
    const here = await peersHere(peers, { folders, isShort, signal });
    const round: PeerRound = { events, warmUp, folders, packages: packagesFolder(), signal };
    const systems = [...ownSystems(events), ...here.map((peer) => systemOf(peer, round))];
    // The peers warm up in each round, since each is then a process of its own.
    await runLivecue({ events: events.slice(0, warmUp), services: services(), durability: "normal" });
    const rates = new Map<System, number[]>(systems.map((system) => [system, []]));
    for (let number = 0; number < rounds; number++) {
      for (const [system, measured] of rates) {
        measured.push(await system.measure());
        signal.throwIfAborted();
      }
    }
    yield* figuresOf(new Map([...rates].map(([system, measured]) => [system, median(measured)])));
  },
};

function services() {
  return [
    quietService("one_by_one", { isAsync: false, prefetch: 64 }),
    quietService("at_once", { isAsync: true, prefetch: 64 }),
  ];
}

function ownSystems(events: PeerRound["events"]): System[] {
  return (["normal", "full"] satisfies Durability[]).flatMap((durability) => {
    const isSynced = durability === "full";
    return [
      {
        name: `bare SQLite loop, ${durability}`,
        kind: "loop" as const,
        isSynced,
        measure: () => ceiling(events, durability),
      },
      {
        name: `Livecue, ${durability}`,
        kind: "livecue" as const,
        isSynced,
        measure: () => runLivecue({ events, services: services(), durability }),
      },
    ];
  });
}

function systemOf(peer: Peer, round: PeerRound): System {
  const { name, isSynced } = peer;
  return { name, kind: "peer", isSynced, measure: () => rateOf(peer, round) };
}

function* figuresOf(rates: ReadonlyMap<System, number>): Generator<Figure> {
  for (const [{ name }, value] of rates) yield { name, value, unit: "events/s" };
  const best = (wanted: (system: System) => boolean) =>
    Math.max(...[...rates].filter(([system]) => wanted(system)).map(([, rate]) => rate));
  const livecue = (durability: Durability) => best(({ name }) => name === `Livecue, ${durability}`);
  const ofAll = best(({ kind }) => kind === "peer");
  if (ofAll > 0) {
    yield { name: "Livecue / best peer", value: livecue("normal") / ofAll, unit: "", target: { atLeast: 4 } };
  }
  const ofSynced = best(({ kind, isSynced }) => kind === "peer" && isSynced);
  if (ofSynced > 0) {
    yield { name: "Livecue, full / best peer that syncs", value: livecue("full") / ofSynced, unit: "" };
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}

if (import.meta.main) await runAlone(benchmark);
