/**
 * What the services cost: how soon an event is with a page of the overlays, also while alerts wait that nobody
 * shows; what rules cost; and what a worker of each shipped service takes to start and to hold.
 * `deno run -A bench/services.ts [SECONDS]`, so long for each rate of events. Of what is run more than once, the
 * run that was disturbed least counts.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "../src/app/app.ts";
import { createDemoSource } from "../src/capture/demo/demo.ts";
import type { Source } from "../src/source.ts";
import { sleep, systemClock } from "../src/clock.ts";
import type { ServiceConfig } from "../src/service.ts";
import type { Subscription } from "../src/subscription.ts";
import { loadConfig } from "../src/config/load.ts";
import { mainEventTypes } from "../src/event.ts";
import { type SilentLog, silentLog } from "../test/support/silent_log.ts";
import { serviceConfig } from "../test/support/temporary_store.ts";
import { flood } from "./pipeline.ts";

const rates = [5, 50, 200];
/** In it pages are opened, code is compiled, and as many alerts come as may wait. */
const warmUp = { rate: 200, seconds: 3 };
const floodLength = 10_000;
const rounds = 3;

const example = loadConfig(pathOf("../config.example.jsonc"));
const ruled = pathOf("../test/support/services/ruled.ts");

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

interface Running {
  app: App;
  log: SilentLog;
  /** Until it was ready. */
  startMs: number;
  /** At its first sign of life after that. */
  heapMegabytes: number;
}

/** Runs `use` with a service that is ready, and with nothing captured yet. */
async function withService<Result>(
  service: ServiceConfig,
  use: (running: Running) => Result | Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const log = silentLog();
  const config = { ...example, database: join(folder, "bench.db"), services: [service] };
  const common = { clock: systemClock, sources: [], processes: "all", whenIdle: "stay" } as const;
  const app = await App.open({ ...common, config, log });
  const begin = systemClock.monotonic();
  const run = app.run();
  try {
    const { readyAt, memoryBytes } = await firstSign(app, service.slug);
    return await use({ app, log, startMs: readyAt - begin, heapMegabytes: memoryBytes / 2 ** 20 });
  } finally {
    app.stop("It has been measured.");
    await run;
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the app says of a service when it has heard from it after its start. */
async function firstSign(app: App, slug: string): Promise<{ readyAt: number; memoryBytes: number }> {
  while (true) {
    const view = app.services.find(slug)?.view();
    if (!view || view.failure !== null) {
      throw new Error(`${slug} cannot be started: ${view?.failure?.sentence}`);
    }
    const { upMs, heartbeatMs, memoryBytes } = view;
    if (upMs !== null && memoryBytes !== null && heartbeatMs !== null && heartbeatMs < upMs) {
      return { readyAt: systemClock.monotonic() - upMs, memoryBytes };
    }
    await sleep(systemClock, 20);
  }
}

/** As in the example, but switched on; the overlays at a port that is free, and the game with a password. */
function shipped(slug: string): ServiceConfig {
  const service = example.services.find((service) => service.slug === slug) as ServiceConfig;
  const options = { ...service.options, ...{ overlays: { port: 0 }, gmod: { password: "secret" } }[slug] };
  const net = slug === "overlays" ? ["127.0.0.1:0"] : service.permissions.net;
  return { ...service, isActive: true, options, permissions: { ...service.permissions, net } };
}

/** A made-up live whose events have no time of their own, so that they count as made when they are received. */
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

/** Opens streams in a program of their own, as pages are. At the end it says what came over the first one. */
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

/** Prints an `Arrival` for each event. Nothing is shown, so no alert is ever done. */
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
  /** Items at its end, most of them for alerts that wait. */
  inHand: number;
  discarded: number;
  /** Milliseconds, the shortest first. */
  sorted: number[];
}

/** From when an event was received until it is with a page, for each rate. */
function delaysOf(seconds: number, queries: string[]): Promise<Delays[]> {
  return withService(shipped("overlays"), async ({ app, log }) => {
    const [url] = log.entries.flatMap(({ text }) => text.match(/http:\/\/[^/]+/) ?? []);
    const pages = openPages(queries.map((query) => `${url}/stream${query}`));
    const counts = () => app.services.views()[0] ?? { inFlight: 0, discarded: 0 };
    const atRate = async (rate: number, seconds: number) => {
      const { discarded: before } = counts();
      const begin = systemClock.now();
      app.switchSource(untimedDemo(rate));
      await sleep(systemClock, seconds * 1000);
      const { inFlight, discarded } = counts();
      const times = { begin, end: systemClock.now() };
      return { rate, inHand: inFlight, discarded: discarded - before, ...times };
    };
    await atRate(warmUp.rate, warmUp.seconds);
    const results = [];
    for (const rate of rates) results.push(await atRate(rate, seconds));
    const arrivals = await pages.close();
    return results.map(({ begin, end, ...result }) => {
      const own = arrivals.filter(({ receivedAt }) => receivedAt >= begin && receivedAt < end);
      return { ...result, sorted: own.map(({ delayMs }) => delayMs).sort((a, b) => a - b) };
    });
  });
}

async function measureDelays(seconds: number): Promise<void> {
  console.log(
    "to a page of the overlays   events/s   in hand   arrived   discarded   p50 ms   p95 ms   max ms   p95's ratio",
  );
  const alone = await delaysOf(seconds, [""]);
  const beside = await delaysOf(seconds, ["", "?wants=alerts"]);
  const at = ({ sorted }: Delays, part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
  for (const [index, result] of [...alone, ...beside].entries()) {
    const { rate, inHand, discarded, sorted } = result;
    const isAlone = index < alone.length;
    const label = isAlone ? "no page of alerts" : "alerts are waiting";
    const ratio = at(result, 0.95) / at(alone[index % alone.length] as Delays, 0.95);
    const delays = [0.5, 0.95, 1].map((part) => cell(at(result, part), 9)).join("");
    console.log(
      label.padEnd(25) + cell(rate, 11) + cell(inHand, 10) + cell(sorted.length, 10) + cell(discarded, 12) +
        delays +
        cell(ratio, 14, 2),
    );
  }
}

/** Twenty, as a streamer might write them. */
function makeRules(cooldown: Record<string, number>): Record<string, unknown>[] {
  const words = ["hello", ["hola", "ola"], "gg", "jump", ["song", "music"], "bom dia", "привет", "草"];
  const patterns = [
    "^!\\w+",
    "\\b(spin|jump)\\b",
    "[!?]{3,}",
    "https?://\\S+",
    "^\\d+$",
    "ха+",
    "dino",
    "^.{80,}$",
  ];
  const conditions = [
    ...words.map((words) => ({ when: "CommentEvent", if: { words } })),
    ...patterns.map((pattern) => ({ when: "CommentEvent", if: { pattern } })),
    ...[1, 10, 100, 1000].map((min_diamonds) => ({ when: "GiftEvent", if: { min_diamonds } })),
  ];
  return conditions.map((condition) => ({ ...condition, do: { say: "{user}" }, cooldown }));
}

/** Items a second of a service with these rules. */
function speedWith(rules: Record<string, unknown>[], isAsync: boolean): Promise<number> {
  const common = { isEnabled: true, priority: 5, isDiscardable: false, streaks: "each" } as const;
  const subscription: Subscription = { ...common, isAsync };
  const subscriptions = Object.fromEntries(mainEventTypes.map((type) => [type, subscription]));
  const changes = { serviceClass: ruled, options: { rules }, maxQueueSize: floodLength, subscriptions };
  return withService(serviceConfig("ruled", changes), async ({ app }) => {
    const isCaptured = Promise.withResolvers<void>();
    const begin = performance.now();
    app.switchSource(flood(floodLength, (index) => index === floodLength - 1 && isCaptured.resolve()));
    await isCaptured.promise;
    await app.idle();
    return (app.services.views()[0]?.completed ?? 0) / (performance.now() - begin) * 1000;
  });
}

async function measureRules(): Promise<void> {
  console.log("\nrules                               items/s   ratio");
  await speedWith(makeRules({}), false);
  for (const isAsync of [false, true]) {
    const kinds = [
      { name: "no rules", rules: [], speed: 0 },
      { name: "20 rules", rules: makeRules({}), speed: 0 },
      { name: "20 with cooldowns", rules: makeRules({ rule_seconds: 5, viewer_seconds: 30 }), speed: 0 },
    ];
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) kind.speed = Math.max(kind.speed, await speedWith(kind.rules, isAsync));
    }
    for (const { name, speed } of kinds) {
      const label = `${name}, ${isAsync ? "16 at once" : "one at a time"}`;
      console.log(label.padEnd(33) + cell(speed, 10) + cell(speed / (kinds[0]?.speed ?? NaN), 8, 2));
    }
  }
}

async function measureStarts(): Promise<void> {
  console.log("\na worker of   start ms   ratio   heap MB   ratio");
  const costs = ["dummy", "verbose", "slow", "overlays", "obs", "gmod", "webhook"]
    .map((slug) => ({ slug, ms: Infinity, megabytes: Infinity }));
  for (let round = 0; round < rounds; round++) {
    for (const cost of costs) {
      const { startMs, heapMegabytes } = await withService(shipped(cost.slug), (running) => running);
      cost.ms = Math.min(cost.ms, startMs);
      cost.megabytes = Math.min(cost.megabytes, heapMegabytes);
    }
  }
  const dummy = costs[0] as typeof costs[number];
  for (const { slug, ms, megabytes } of costs) {
    const ratios = [cell(ms / dummy.ms, 8, 2), cell(megabytes / dummy.megabytes, 8, 2)];
    console.log(slug.padEnd(11) + cell(ms, 11) + ratios[0] + cell(megabytes, 10, 1) + ratios[1]);
  }
}

function cell(value: number, width: number, digits = 0): string {
  return value.toFixed(digits).padStart(width);
}

if (import.meta.main) {
  const [mode, ...urls] = Deno.args;
  if (mode === "pages") {
    readPages(urls);
  } else {
    await measureDelays(Number(mode ?? 5));
    await measureRules();
    await measureStarts();
  }
}
