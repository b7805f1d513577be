/** Opens many rooms in this process, waits until they are quiet, and prints what they cost. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import { pause, sleep, systemClock } from "../../src/clock.ts";
import { SharedWorkers } from "../../src/runner/shared_transport.ts";
import type { Source } from "../../src/source.ts";
import { serviceOfRoom } from "../../src/service.ts";
import { openStore } from "../../src/store/open.ts";
import { silentLog } from "../../test/support/silent_log.ts";
import { traitsOf } from "../../test/support/sources.ts";
import { configIn, serviceConfig } from "../../test/support/temporary_store.ts";

export interface RoomsRun {
  count: number;
  /** rooms: with their databases, sources and services. */
  has: "databases" | "rooms";
  measuredMs: number;
}

export interface RoomsCost {
  /** Until all are open, and their services run. */
  openMs: number;
  /** Resident memory of the process at the end. */
  megabytes: number;
  /** Part of one core, for all threads. */
  cpu: number;
}

interface Opened {
  stop(): Promise<void>;
}

const services = ["dummy", "verbose"].map((slug) =>
  serviceConfig(slug, {
    isolation: "shared",
    serviceClass: fileURLToPath(new URL(`../../services/${slug}.ts`, import.meta.url)),
    subscriptions: {
      CommentEvent: { isEnabled: true, priority: 5, isAsync: true, isDiscardable: false, streaks: "each" },
    },
  })
);

/** After this time the code is compiled, and what the opening left behind is collected. */
const settleMs = 5_000;

const clock = systemClock;
const log = silentLog();
const sharedWorkers = new SharedWorkers({ clock });

function openDatabase(address: string): Promise<Opened> {
  return openStore({ address, durability: "normal", clock, log }).then((store) => {
    store.start();
    return store;
  });
}

/** A live in which nothing happens. */
function silence(name: string): Source {
  return {
    name,
    traits: traitsOf({ isEndless: true }),
    async *open(signal) {
      yield { kind: "session", username: name, roomId: name };
      await pause(clock, 2 ** 31 - 1, signal);
    },
  };
}

async function openRoom(folder: string, name: string): Promise<Opened> {
  let isRunning = () => false;
  const running = Promise.withResolvers<void>();
  const app = await App.open({
    config: configIn(folder, {
      database: join(folder, `${name}.db`),
      dataFolder: join(folder, "data"),
      services: services.map((service) => serviceOfRoom(service, name)),
    }),
    clock,
    log,
    sources: [silence(name)],
    processes: "all",
    whenIdle: "stay",
    sharedWorkers,
    onServicesChanged: () => isRunning() && running.resolve(),
  });
  isRunning = () => app.services.units.every(({ runner }) => runner?.state.phase === "running");
  app.start();
  await running.promise;
  return app;
}

async function cpuMs(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  // The process name before these fields may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(folder: string, { count, has, measuredMs }: RoomsRun): Promise<RoomsCost> {
  const begin = performance.now();
  const opened: Opened[] = [];
  for (let number = 1; number <= count; number++) {
    const name = `room${number}`;
    opened.push(await (has === "rooms" ? openRoom(folder, name) : openDatabase(join(folder, `${name}.db`))));
  }
  const openMs = performance.now() - begin;
  await sleep(clock, settleMs);
  const [cpuBefore, before] = [await cpuMs(), performance.now()];
  await sleep(clock, measuredMs);
  const cpu = (await cpuMs() - cpuBefore) / (performance.now() - before);
  const megabytes = Deno.memoryUsage().rss / 2 ** 20;
  await Promise.all(opened.map((each) => each.stop()));
  return { openMs, megabytes, cpu };
}

if (import.meta.main) {
  const [folder = "", run = ""] = Deno.args;
  console.log(JSON.stringify(await measure(folder, JSON.parse(run))));
}
