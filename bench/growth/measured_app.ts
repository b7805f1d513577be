/**
 * Runs one measurement in its own process, so that no other measurement adds to its memory: `stored DATABASE EVENTS`,
 * `services COUNT ITEMS` or `workers COUNT`. Prints the result as one line of JSON.
 */
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import { sleep, systemClock } from "../../src/clock.ts";
import type { Log } from "../../src/log/log.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { largeRoom } from "../../test/support/large_database.ts";
import { configIn, serviceConfig } from "../../test/support/temporary_store.ts";
import { DrivenLive } from "./driven_live.ts";

/** An app on a large database. Times are in milliseconds, memory in MB, rates per second. */
export interface StoredMeasure {
  readyMs: number;
  readyMegabytes: number;
  /** The main thread's longest turn before it was ready. A screen would freeze for this long. */
  longestTurnMs: number;
  eventsPerSecond: number;
  /** From the arrival of an event to the end of its item, at 1,000 events/s. */
  p50Ms: number;
  p99Ms: number;
  endMegabytes: number;
  closeMs: number;
}

/** An app with services that do nothing. */
export interface ServicesMeasure {
  readyMs: number;
  readyMegabytes: number;
  itemsPerSecond: number;
  endMegabytes: number;
  /** The main thread's heap, which holds the events that came faster than they were processed. */
  endHeapMegabytes: number;
  closeMs: number;
}

/** Workers that only answer. */
export interface WorkersMeasure {
  readyMs: number;
  readyMegabytes: number;
}

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
/** The median of the rounds counts for values that vary. */
const rounds = 3;
const warmUpLength = 4_000;

function service(slug: string, given: Partial<ServiceConfig> = {}): ServiceConfig {
  const subscription = { isEnabled: true, priority: 5, isAsync: false, isDiscardable: false } as const;
  const subscriptions = { CommentEvent: { ...subscription, streaks: "each" } } as const;
  return serviceConfig(slug, { serviceClass: dummy, maxQueueSize: 5_000_000, subscriptions, ...given });
}

/** Counts the events that an app stored and the items that ended. */
class Tally {
  readonly #live: DrivenLive;
  #stored = 0;
  #ended = 0;
  #reached: { isSo: () => boolean; resolve: () => void } | null = null;
  /** If set, collects the milliseconds from an event to the end of this service's item. */
  latencies: { slug: string; values: number[] } | null = null;

  constructor(live: DrivenLive) {
    this.#live = live;
  }

  /** Resolves after this many more events are stored and this many more items have ended. */
  until(more: { events: number; items: number }): Promise<void> {
    const [events, items] = [this.#stored + more.events, this.#ended + more.items];
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#reached = { isSo: () => this.#stored >= events && this.#ended >= items, resolve };
    return promise;
  }

  tookEvent(id: number): void {
    this.#stored++;
    this.#live.stored(id);
    this.#look();
  }

  endedItem(slug: string, eventId: number): void {
    this.#ended++;
    if (slug === this.latencies?.slug) this.latencies.values.push(this.#live.msSince(eventId));
    this.#look();
  }

  #look(): void {
    if (this.#reached?.isSo() !== true) return;
    this.#reached.resolve();
    this.#reached = null;
  }
}

interface MeasuredApp {
  app: App;
  live: DrivenLive;
  tally: Tally;
  /** Resolves to milliseconds. */
  close(): Promise<number>;
}

async function openApp(database: string, services: ServiceConfig[]): Promise<MeasuredApp> {
  const live = new DrivenLive(largeRoom);
  const tally = new Tally(live);
  const ignore = () => {};
  const log: Log = { debug: ignore, info: ignore, warn: ignore, error: console.error, named: () => log };
  const app = await App.open({
    config: { ...configIn("/"), database, services },
    clock: systemClock,
    log,
    sources: [live],
    processes: "all",
    whenIdle: "stay",
    onEvent: ({ id }) => tally.tookEvent(id),
    onItemEnded: (slug, { event }) => tally.endedItem(slug, event.id),
  });
  const running = app.run();
  const close = async () => {
    const begin = performance.now();
    void app.stop("It has been measured.");
    await running;
    return performance.now() - begin;
  };
  return { app, live, tally, close };
}

async function measureStored(database: string, eventCount: number): Promise<StoredMeasure> {
  const begin = performance.now();
  const endOfTurns = watchTurns();
  const measured = await openApp(database, [
    service("dino", { prefetch: 64 }),
    service("probe", { subscriptions: {} }),
  ]);
  const { app, live, tally } = measured;
  live.bring(1);
  await tally.until({ events: 1, items: 1 });
  const [readyMs, readyMegabytes] = [performance.now() - begin, megabytes()];
  const longestTurnMs = endOfTurns();

  const flood = async (count: number) => {
    const begin = performance.now();
    live.bring(count);
    await tally.until({ events: count, items: count });
    return count / (performance.now() - begin) * 1000;
  };
  // The warm-up compiles the code and reads what the database remembers of the live.
  await flood(warmUpLength);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) rates.push(await flood(eventCount));

  // What waits stays, so that events go to the other service past it, whatever is queued.
  app.services.pause("dino");
  await app.applyConfig({
    ...configIn("/"),
    database,
    services: [service("dino", { prefetch: 64 }), service("probe")],
  });
  const latencies: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    latencies.push(await latenciesOf(measured, eventCount / 10));
  }
  const middle = (part: number) =>
    median(latencies.map((sorted) => sorted[Math.floor(sorted.length * part)] ?? NaN));
  return {
    readyMs,
    readyMegabytes,
    longestTurnMs,
    eventsPerSecond: median(rates),
    p50Ms: middle(0.5),
    p99Ms: middle(0.99),
    endMegabytes: megabytes(),
    closeMs: await measured.close(),
  };
}

/** Latencies at 1,000 events/s, the shortest first. */
async function latenciesOf(measured: MeasuredApp, count: number): Promise<number[]> {
  const values: number[] = [];
  measured.tally.latencies = { slug: "probe", values };
  const reached = measured.tally.until({ events: count, items: count });
  const begin = performance.now();
  for (let brought = 0; brought < count;) {
    await sleep(systemClock, 1);
    const due = Math.min(count, Math.floor(performance.now() - begin));
    measured.live.bring(due - brought);
    brought = due;
  }
  await reached;
  return values.sort((a, b) => a - b);
}

async function measureServices(count: number, itemCount: number): Promise<ServicesMeasure> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const services = Array.from({ length: count }, (_, index) => service(`s${index}`, { prefetch: 64 }));
  const begin = performance.now();
  const measured = await openApp(`${folder}/bench.db`, services);
  const isReady = () => measured.app.services.views().every(({ phase }) => phase === "running");
  while (!isReady()) await sleep(systemClock, 2);
  const [readyMs, readyMegabytes] = [performance.now() - begin, megabytes()];
  const flood = async (events: number) => {
    const begin = performance.now();
    measured.live.bring(events);
    await measured.tally.until({ events, items: events * count });
    return events * count / (performance.now() - begin) * 1000;
  };
  await flood(Math.ceil(itemCount / count / 10));
  const itemsPerSecond = await flood(Math.ceil(itemCount / count));
  const endMegabytes = megabytes();
  const endHeapMegabytes = Deno.memoryUsage().heapTotal / 2 ** 20;
  const closeMs = await measured.close();
  await Deno.remove(folder, { recursive: true });
  return { readyMs, readyMegabytes, itemsPerSecond, endMegabytes, endHeapMegabytes, closeMs };
}

async function measureWorkers(count: number): Promise<WorkersMeasure> {
  const address = URL.createObjectURL(
    new Blob(["self.onmessage = () => self.postMessage(1);"], { type: "application/javascript" }),
  );
  const begin = performance.now();
  await Promise.all(Array.from({ length: count }, () => {
    const worker = new Worker(address, { type: "module" });
    worker.postMessage(1);
    return new Promise((resolve) => worker.onmessage = resolve);
  }));
  return { readyMs: performance.now() - begin, readyMegabytes: megabytes() };
}

/** Watches this thread. The returned function stops the watching and returns the longest turn. */
function watchTurns(): () => number {
  let isWatching = true;
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (isWatching) setImmediate(look);
  };
  look();
  return () => {
    isWatching = false;
    return longest;
  };
}

function megabytes(): number {
  return Deno.memoryUsage().rss / 2 ** 20;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function measure([kind, ...given]: string[]): Promise<StoredMeasure | ServicesMeasure | WorkersMeasure> {
  const [first = "", second = ""] = given;
  switch (kind) {
    case "stored":
      return measureStored(first, Number(second));
    case "services":
      return measureServices(Number(first), Number(second));
    case "workers":
      return measureWorkers(Number(first));
    default:
      throw new Error(`There is no measurement ${kind}.`);
  }
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(Deno.args)));
  // The bare workers would keep the process alive.
  Deno.exit();
}
