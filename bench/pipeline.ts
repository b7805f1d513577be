/**
 * The whole way of an event: how many a second are captured and stored for 0, 1 and 4 services, how many are
 * processed by a worker, and how memory grows with the number of events, also where a screen looks on.
 * `deno run -A bench/pipeline.ts [EVENTS]`; memory is taken over four times as many.
 * Of what it grows by, 16 MB a million events are their ids, by which repetitions are known.
 */
import { fileURLToPath } from "node:url";
import { App } from "../src/app/app.ts";
import { Monitor } from "../src/app/monitor.ts";
import { ScreenControl } from "../src/app/screen_control.ts";
import { DemoLive } from "../src/capture/demo/demo_live.ts";
import type { Source } from "../src/source.ts";
import { every, systemClock } from "../src/clock.ts";
import type { ServiceConfig } from "../src/service.ts";
import type { Subscription } from "../src/subscription.ts";
import { mainEventTypes } from "../src/event.ts";
import { silentLog } from "../test/support/silent_log.ts";
import { configIn, serviceConfig } from "../test/support/temporary_store.ts";
import { traitsOf } from "../test/support/sources.ts";

const dummy = fileURLToPath(new URL("../services/dummy.ts", import.meta.url));
const startAt = 1_700_000_000_000;
const frameMs = 200;

/** A made-up live of so many events, as fast as they are taken. */
export function flood(count: number, onEvent: (index: number) => void = () => {}): Source {
  return {
    name: "replay:flood",
    traits: traitsOf({ isLive: false }),
    async *open() {
      const live = new DemoLive({ seed: 1, ratePerSecond: 100, startAt });
      yield { kind: "session", username: "demo", roomId: live.roomId };
      for (let index = 0; index < count; index++) {
        onEvent(index);
        yield { kind: "event", event: live.next(), raw: null };
        if (index % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
      }
      yield { kind: "end", status: "completed", reason: "The recording ended." };
    },
  };
}

function makeService(slug: string, isAsync: boolean, maxQueueSize: number): ServiceConfig {
  const subscription: Subscription = {
    isEnabled: true,
    priority: 5,
    isAsync,
    isDiscardable: false,
    streaks: "each",
  };
  const subscriptions = Object.fromEntries(mainEventTypes.map((type) => [type, subscription]));
  return serviceConfig(slug, { serviceClass: dummy, maxQueueSize, subscriptions });
}

/** Runs a flood through a database of its own; seconds, and the items that were processed. */
async function run(
  source: Source,
  services: ServiceConfig[],
  processes: "all" | "none",
  isWatched = false,
): Promise<{ seconds: number; processed: number }> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const config = configIn(folder, { services });
  const log = { ...silentLog(), named: () => log, debug() {}, info() {}, warn() {}, error() {} };
  const monitor = isWatched ? new Monitor(systemClock) : null;
  const app = await App.open({
    config,
    clock: systemClock,
    log,
    sources: [source],
    processes,
    whenIdle: "end",
    onEvent: (event) => monitor?.takeEvent(event),
  });
  const stopWatching = monitor ? watch(app, monitor) : () => {};
  const begin = performance.now();
  const report = await app.run();
  const seconds = (performance.now() - begin) / 1000;
  stopWatching();
  await Deno.remove(folder, { recursive: true });
  return { seconds, processed: report.services.reduce((sum, { completed }) => sum + completed, 0) };
}

/** Asks for all that a screen shows, as often as a screen does; returns what ends it. */
function watch(app: App, monitor: Monitor): () => void {
  const control = new ScreenControl({ app, monitor, clock: systemClock, exitNow() {} });
  control.start();
  const stopLooking = every(systemClock, frameMs, () => void control.snapshot());
  return () => {
    stopLooking();
    control.stop();
  };
}

function print(label: string, value: string): void {
  console.log(`${label.padEnd(48)} ${value}`);
}

async function measureCapture(count: number): Promise<void> {
  let alone = 0;
  for (const serviceCount of [0, 1, 4]) {
    const services = Array.from({ length: serviceCount }, (_, index) => makeService(`s${index}`, false, 100));
    const { seconds } = await run(flood(count), services, "none");
    const rate = count / seconds;
    if (serviceCount === 0) alone = rate;
    print(
      `captured for ${serviceCount} services`,
      `${rate.toFixed(0)} events/s  ${(rate / alone).toFixed(2)}`,
    );
  }
}

async function measureProcessing(count: number): Promise<void> {
  let oneByOne = 0;
  for (const isAsync of [false, true]) {
    const { seconds, processed } = await run(flood(count), [makeService("s", isAsync, count)], "all");
    const rate = processed / seconds;
    if (!isAsync) oneByOne = rate;
    const mode = isAsync ? "async, 16 at once" : "sync, one at a time";
    print(`processed by a worker, ${mode}`, `${rate.toFixed(0)} items/s  ${(rate / oneByOne).toFixed(2)}`);
  }
}

async function measureMemory(count: number, isWatched: boolean): Promise<void> {
  const marks = [count / 10, count / 2, count - 1].map(Math.floor);
  const megabytes: number[] = [];
  const source = flood(count, (index) => {
    if (marks.includes(index)) megabytes.push(Deno.memoryUsage().rss / 2 ** 20);
  });
  await run(source, [makeService("s", false, 100)], "none", isWatched);
  for (const [position, mark] of marks.entries()) {
    const value = megabytes[position] as number;
    print(
      `memory after ${mark} events${isWatched ? ", under a screen" : ""}`,
      `${value.toFixed(0)} MB  ${(value / (megabytes[0] as number)).toFixed(2)}`,
    );
  }
}

if (import.meta.main) {
  const count = Number(Deno.args[0] ?? 50_000);
  await measureCapture(count);
  await measureProcessing(Math.floor(count / 5));
  for (const isWatched of [false, true]) await measureMemory(count * 4, isWatched);
}
