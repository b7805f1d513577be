/**
 * Livecue on PostgreSQL: Debian's, with its defaults, so each commit is on the disk. Its rate is that of
 * `bench/peers.ts`, with the same work and beside graphile-worker, which has a server of its own of the same kind. Its
 * latency is that of `bench/latency.ts`, with the plain log. For comparison, bare loops over npm:pg do the same writes.
 * A takeover lasts from the loss of the machine that owns the database until the one that stands by has written to it.
 *
 * `deno run -A bench/postgres.ts [--short] [--ratios] [--json]`; the short form leaves graphile-worker out unless it is
 * installed.
 */
import { postgresIsMissing, startPostgres, whyPostgresIsMissing } from "../test/support/postgres.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { commandFor, figuresOf, latenciesIn, runPlain, type Span } from "./latency/program_run.ts";
import { Interruption } from "./peers/interruption.ts";
import { type PeerRound, peers, rateOf } from "./peers/peer.ts";
import { peersHere } from "./peers/peers_here.ts";
import { packagesFolder, programFolders } from "./peers/programs.ts";
import { commentsOf600Bytes, inFolder, quietService, runLivecue } from "./pipeline/livecue.ts";
import { bareLatencies, bareRate } from "./postgres/bare_loop.ts";
import { measureTakeovers } from "./postgres/takeover.ts";

export const benchmark: Benchmark = {
  name: "postgres",
  about:
    "Livecue on PostgreSQL: rate beside graphile-worker and a bare loop, latency, and takeover by another machine",
  async *measure({ isShort, isOfRatios }) {
    if (postgresIsMissing) {
      console.error(`Nothing is measured: ${whyPostgresIsMissing}.`);
      return;
    }
    yield* measureRates(isShort);
    if (isOfRatios) return;
    yield* measureLatencies(isShort);
    yield* measureTakeovers(isShort ? 1 : 5);
  },
};

/** Runs `use` with an empty database in a server of its own that has done nothing before. */
async function inDatabase<Result>(use: (address: string) => Promise<Result>): Promise<Result> {
  await using server = await startPostgres({ fsync: true });
  return await use(await server.createDatabase());
}

async function* measureRates(isShort: boolean): AsyncGenerator<Figure> {
  using interruption = new Interruption();
  const { signal } = interruption;
  const [count, warmUp, rounds] = isShort ? [5_000, 500, 1] : [20_000, 2_000, 5];
  const events = commentsOf600Bytes(count);
  const folders = await programFolders();
  const wanted = peers.filter(({ name }) => name === "graphile-worker");
  const [graphileWorker] = await peersHere(wanted, { folders, isShort, signal });
  const round: PeerRound = { events, warmUp, folders, packages: packagesFolder(), signal };
  const services = ["one_by_one", "at_once"].map((slug) =>
    quietService(slug, { isAsync: slug === "at_once", prefetch: 64 })
  );
  const livecue = (events: PeerRound["events"]) =>
    inDatabase((database) => runLivecue({ events, services, durability: "full", database }));
  await livecue(events.slice(0, warmUp));
  // The best of some rounds in turn, because a disturbance never makes a run faster.
  const best = { bare: 0, livecue: 0, peer: 0 };
  for (let number = 0; number < rounds; number++) {
    best.bare = Math.max(best.bare, await inDatabase((database) => bareRate(database, events)));
    best.livecue = Math.max(best.livecue, await livecue(events));
    if (graphileWorker !== undefined) best.peer = Math.max(best.peer, await rateOf(graphileWorker, round));
    signal.throwIfAborted();
  }
  yield { name: "bare PostgreSQL loop", value: best.bare, unit: "events/s" };
  yield { name: "Livecue on PostgreSQL", value: best.livecue, unit: "events/s" };
  // About what 0.8 of graphile-worker's rate is, for where that is not installed.
  yield ratio("Livecue / bare PostgreSQL loop", best.livecue / best.bare, 0.5);
  if (graphileWorker === undefined) return;
  yield { name: "graphile-worker", value: best.peer, unit: "events/s" };
  yield ratio("Livecue / graphile-worker", best.livecue / best.peer, 0.8);
}

function ratio(name: string, value: number, atLeast: number): Figure {
  return { name, value, unit: "", target: { atLeast } };
}

async function* measureLatencies(isShort: boolean): AsyncGenerator<Figure> {
  const span: Span = isShort ? { warmUpSeconds: 1, seconds: 2 } : { warmUpSeconds: 10, seconds: 20 };
  for (const ratePerSecond of isShort ? [1_000] : [100, 1_000]) {
    const at = `${ratePerSecond.toLocaleString("en")} events/s`;
    const bare = await inDatabase((database) => bareLatencies(database, { ratePerSecond, ...span }));
    yield* figuresOf(`bare worker after a bare commit, ${at}`, bare);
    for (const isAsync of [true, false]) {
      const targets = ratePerSecond === 1_000 ? { p50: 3, p99: 15 } : {};
      const name = `${at}, ${isAsync ? "async" : "sync"}`;
      yield* figuresOf(name, await latenciesOf(isAsync, { ratePerSecond, ...span }), targets);
    }
  }
}

/** Of a run as `start` makes it, with the plain log. */
function latenciesOf(isAsync: boolean, span: Span & { ratePerSecond: number }): Promise<number[]> {
  const { ratePerSecond, warmUpSeconds, seconds } = span;
  const count = ratePerSecond * (warmUpSeconds + seconds);
  return inDatabase((database) =>
    inFolder(async (folder) => {
      await runPlain(commandFor(folder, { ratePerSecond, count, isAsync, hasScreen: false, database }));
      return await latenciesIn(folder, span);
    })
  );
}

if (import.meta.main) await runAlone(benchmark);
