/**
 * Measures whether costs grow with the number of stored events and of services; they should not. Each measurement runs
 * in its own process, with databases made for it. A run takes some minutes and 3 GB of disk. `deno run -A
 * bench/growth.ts [--short] [--json]`
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeLargeDatabase } from "../test/support/large_database.ts";
import { type Benchmark, type BenchmarkOptions, type Figure, runAlone } from "./benchmark.ts";
import type { ServicesMeasure, StoredMeasure, WorkersMeasure } from "./growth/measured_app.ts";

export const benchmark: Benchmark = {
  name: "growth",
  about:
    "rate, latency, memory, start and close with much stored, much pending and many services, against little",
  async *measure(options) {
    yield* measureStored(options);
    yield* measureServices(options);
  },
};

interface Stored {
  /** As in the figures' names, which are the same in a short run. */
  name: string;
  eventCount: number;
  pendingCount: number;
}

const script = fileURLToPath(new URL("./growth/measured_app.ts", import.meta.url));
const little: Stored = { name: "little stored", eventCount: 10_000, pendingCount: 100 };

function muchStored(isShort: boolean): Stored[] {
  return [
    { name: "many events", eventCount: isShort ? 300_000 : 10_000_000, pendingCount: 100 },
    {
      name: "many pending",
      eventCount: isShort ? 60_000 : 2_500_000,
      pendingCount: isShort ? 50_000 : 2_000_000,
    },
  ];
}

async function* measureStored({ isShort }: BenchmarkOptions): AsyncGenerator<Figure> {
  const floodLength = isShort ? 3_000 : 20_000;
  const small = await measureOn(little, floodLength);
  yield* storedFigures(little.name, small);
  for (const stored of muchStored(isShort)) {
    const { name } = stored;
    const measure = await measureOn(stored, floodLength);
    yield* storedFigures(name, measure);
    const ratio = (of: keyof StoredMeasure) => measure[of] / small[of];
    yield {
      name: `${name}: rate to little`,
      value: ratio("eventsPerSecond"),
      unit: "",
      target: { atLeast: 0.9 },
    };
    yield { name: `${name}: p50 to little`, value: ratio("p50Ms"), unit: "", target: { atMost: 1.1 } };
    yield { name: `${name}: p99 to little`, value: ratio("p99Ms"), unit: "", target: { atMost: 1.1 } };
  }
}

function* storedFigures(name: string, measure: StoredMeasure): Generator<Figure> {
  const { readyMs, readyMegabytes, longestTurnMs, eventsPerSecond, p50Ms, p99Ms, endMegabytes, closeMs } =
    measure;
  yield {
    name: `${name}: first item ended, after the start`,
    value: readyMs,
    unit: "ms",
    target: { atMost: 1000 },
  };
  yield { name: `${name}: memory then`, value: readyMegabytes, unit: "MB", target: { atMost: 250 } };
  yield {
    name: `${name}: longest turn until then`,
    value: longestTurnMs,
    unit: "ms",
    target: { atMost: 200 },
  };
  yield { name: `${name}: rate`, value: eventsPerSecond, unit: "events/s" };
  yield { name: `${name}: p50 at 1,000 events/s`, value: p50Ms, unit: "ms" };
  yield { name: `${name}: p99 at 1,000 events/s`, value: p99Ms, unit: "ms" };
  yield { name: `${name}: memory at the end`, value: endMegabytes, unit: "MB" };
  yield { name: `${name}: closed`, value: closeMs, unit: "ms", target: { atMost: 1000 } };
}

/** As a long life leaves it, cut off in the midst of a live. */
async function measureOn({ eventCount, pendingCount }: Stored, floodLength: number): Promise<StoredMeasure> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  try {
    const path = join(folder, "bench.db");
    makeLargeDatabase({ path, eventCount, pendingCount, now: Date.now(), hasCompletedItems: true });
    return await inProcess("stored", path, floodLength);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function* measureServices({ isShort }: BenchmarkOptions): AsyncGenerator<Figure> {
  const itemCount = isShort ? 6_000 : 100_000;
  const bare = new Map<number, WorkersMeasure>();
  const livecue = new Map<number, ServicesMeasure>();
  for (const count of [1, 8, 64]) {
    const workers = await inProcess<WorkersMeasure>("workers", count);
    bare.set(count, workers);
    yield { name: `${named(count, "bare worker")}: all ready`, value: workers.readyMs, unit: "ms" };
    const measure = await inProcess<ServicesMeasure>("services", count, itemCount);
    livecue.set(count, measure);
    const name = named(count, "service");
    yield { name: `${name}: all ready`, value: measure.readyMs, unit: "ms" };
    yield { name: `${name}: rate`, value: measure.itemsPerSecond, unit: "items/s" };
    yield { name: `${name}: memory at the end`, value: measure.endMegabytes, unit: "MB" };
    yield { name: `${name}: closed`, value: measure.closeMs, unit: "ms", target: { atMost: 1000 } };
  }
  const [one, many] = [livecue.get(1) as ServicesMeasure, livecue.get(64) as ServicesMeasure];
  const rate = many.itemsPerSecond / one.itemsPerSecond;
  yield { name: "64 services: rate to one", value: rate, unit: "", target: { atLeast: 0.9 } };
  const bareSlope = slope(bare, ({ readyMegabytes }) => readyMegabytes);
  yield { name: "a bare worker: memory", value: bareSlope, unit: "MB" };
  const atRest = slope(livecue, ({ readyMegabytes }) => readyMegabytes);
  yield { name: "a service: memory at rest", value: atRest, unit: "MB", target: { atMost: 13 } };
  const after = slope(livecue, ({ endMegabytes, endHeapMegabytes }) => endMegabytes - endHeapMegabytes);
  yield {
    name: "a service: memory after a flood, its worker's",
    value: after,
    unit: "MB",
    target: { atMost: 13 },
  };
}

function named(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** The cost of one more. */
function slope<Measure>(measures: ReadonlyMap<number, Measure>, of: (measure: Measure) => number): number {
  const at = (count: number) => of(measures.get(count) as Measure);
  return (at(64) - at(1)) / 63;
}

async function inProcess<Measure>(kind: string, ...given: (string | number)[]): Promise<Measure> {
  const args = ["run", "-A", "--quiet", "--no-prompt", script, kind, ...given.map(String)];
  const options = { args, stdin: "null", stdout: "piped", stderr: "inherit" } as const;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), options).output();
  if (!success) throw new Error(`The measurement ${kind} ${given.join(" ")} has failed.`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

if (import.meta.main) await runAlone(benchmark);
