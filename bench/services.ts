/**
 * What the services cost: how soon an event is with a page of the overlays, also while alerts wait that nobody shows;
 * and what a worker of each shipped service takes to start and to hold. Of starts, the one that was disturbed least
 * counts. `deno run -A bench/services.ts pages URL…` opens streams as pages do.
 */
import { createDemoSource } from "../src/capture/demo/demo.ts";
import type { Source } from "../src/source.ts";
import { sleep, systemClock } from "../src/clock.ts";
import type { ServiceConfig } from "../src/service.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { pathOf, withService } from "./running_service.ts";
import { blockService } from "../test/support/service_blocks.ts";
import { measureIsolation } from "./services/isolation.ts";

const rates = [5, 50, 200];
/** In it pages are opened, code is compiled, and as many alerts come as may wait. */
const warmUp = { rate: 200, seconds: 3 };
const slugs = ["dummy", "verbose", "slow", "overlays", "obs", "gmod", "webhook"];
/** A worker that reports its memory at once. */
const bareWorker = "data:text/javascript,postMessage(Deno.memoryUsage().heapUsed)";

export const benchmark: Benchmark = {
  name: "services",
  about:
    "Events go to pages of the overlays, and workers of the shipped services are started beside a bare one.",
  async *measure({ isShort }) {
    yield* measureIsolation(shipped("dummy"), isShort ? 3 : 9);
    yield* measureStarts(isShort ? 1 : 3);
    yield* measureDelays(isShort ? 1 : 5);
  },
};

/** As in its block, with the overlays at a free port and a password for the game. */
function shipped(slug: string): ServiceConfig {
  const service = blockService(slug);
  const options = { ...service.options, ...{ overlays: { port: 0 }, gmod: { password: "secret" } }[slug] };
  const net = slug === "overlays" ? ["127.0.0.1:0"] : service.permissions.net;
  return { ...service, isActive: true, options, permissions: { ...service.permissions, net } };
}

/** A made-up live whose events have no time of their own, so that their time is when Livecue receives them. */
function untimedDemo(ratePerSecond: number): Source {
  const demo = createDemoSource({ seed: 1, ratePerSecond, clock: systemClock });
  return {
    ...demo,
    async *open(signal) {
      for await (const item of demo.open(signal)) {
        yield item.kind === "event" ? { ...item, event: { ...item.event, createdAt: null } } : item;
      }
    },
  };
}

/** Opens streams in a separate process, as pages are. At the end it returns the arrivals at the first one. */
function openPages(urls: string[]): { close(): Promise<Arrival[]> } {
  const args = ["run", "-A", "--no-prompt", pathOf("services.ts"), "pages", ...urls];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
  const output = child.output();
  return {
    async close() {
      child.kill("SIGKILL");
      const lines = new TextDecoder().decode((await output).stdout).trim().split("\n");
      return lines.map((line) => JSON.parse(line));
    },
  };
}

/** Prints an `Arrival` for each event. It shows nothing, so no alert ever finishes. */
function readPages([url = "", ...others]: string[]): void {
  const page = new EventSource(url);
  page.addEventListener("event", ({ data }) => {
    const { at } = JSON.parse(data);
    console.log(JSON.stringify({ receivedAt: at, delayMs: Date.now() - at }));
  });
  for (const other of others) new EventSource(other);
}

interface Arrival {
  receivedAt: number;
  delayMs: number;
}

interface Delays {
  rate: number;
  /** Milliseconds, the shortest first. */
  sorted: number[];
}

/** From the moment when an event was received until a page has it, for each rate. */
function delaysOf(seconds: number, queries: string[]): Promise<Delays[]> {
  return withService(shipped("overlays"), async ({ app, log }) => {
    const [url] = log.entries.flatMap(({ text }) => text.match(/http:\/\/[^/]+/) ?? []);
    const pages = openPages(queries.map((query) => `${url}/stream${query}`));
    const atRate = async (rate: number, seconds: number) => {
      const begin = systemClock.now();
      app.switchSource(untimedDemo(rate));
      await sleep(systemClock, seconds * 1000);
      return { rate, begin, end: systemClock.now() };
    };
    await atRate(warmUp.rate, warmUp.seconds);
    const results = [];
    for (const rate of rates) results.push(await atRate(rate, seconds));
    const arrivals = await pages.close();
    return results.map(({ rate, begin, end }) => {
      const own = arrivals.filter(({ receivedAt }) => receivedAt >= begin && receivedAt < end);
      return { rate, sorted: own.map(({ delayMs }) => delayMs).sort((a, b) => a - b) };
    });
  });
}

async function* measureDelays(seconds: number): AsyncGenerator<Figure> {
  const alone = await delaysOf(seconds, [""]);
  const beside = await delaysOf(seconds, ["", "?wants=alerts"]);
  for (const [results, label] of [[alone, "no page of alerts"], [beside, "alerts are waiting"]] as const) {
    for (const { rate, sorted } of results) {
      const name = `to a page of the overlays, ${rate} events/s, ${label}`;
      yield { name: `${name}: median`, value: part(sorted, 0.5), unit: "ms" };
      yield { name: `${name}: 95 of 100`, value: part(sorted, 0.95), unit: "ms" };
    }
  }
}

/** What so large a part of the values lies below. */
function part(sorted: readonly number[], share: number): number {
  const value = sorted[Math.floor((sorted.length - 1) * share)];
  if (value === undefined) throw new Error("Nothing came to the page.");
  return value;
}

async function* measureStarts(rounds: number): AsyncGenerator<Figure> {
  const costs = slugs.map((slug) => ({ slug, ms: Infinity, megabytes: Infinity }));
  const bare = { slug: "nothing", ms: Infinity, megabytes: Infinity };
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    bare.megabytes = Math.min(bare.megabytes, await heapOfBareWorker());
    bare.ms = Math.min(bare.ms, performance.now() - begin);
    for (const cost of costs) {
      const { startMs, heapMegabytes } = await withService(shipped(cost.slug), (running) => running);
      cost.ms = Math.min(cost.ms, startMs);
      cost.megabytes = Math.min(cost.megabytes, heapMegabytes);
    }
  }
  for (const { slug, ms, megabytes } of [bare, ...costs]) {
    yield { name: `a worker of ${slug}: start`, value: ms, unit: "ms" };
    yield { name: `a worker of ${slug}: heap`, value: megabytes, unit: "MB" };
  }
}

/** Starts a bare worker and ends it. Returns its heap in megabytes. */
async function heapOfBareWorker(): Promise<number> {
  const worker = new Worker(bareWorker, { type: "module" });
  const bytes = await new Promise<number>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  worker.terminate();
  return bytes / 2 ** 20;
}

if (import.meta.main) {
  const [mode, ...urls] = Deno.args;
  if (mode === "pages") readPages(urls);
  else await runAlone(benchmark);
}
