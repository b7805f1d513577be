/** An app with one service, ready to be fed and measured. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "../src/app/app.ts";
import { sleep, systemClock } from "../src/clock.ts";
import type { Config } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import type { ServiceConfig } from "../src/service.ts";
import { type SilentLog, silentLog } from "../test/support/silent_log.ts";

export interface Running {
  app: App;
  config: Config;
  log: SilentLog;
  /** Milliseconds from the app's start until the service was ready. */
  startMs: number;
  /** The heap's size at the first heartbeat after that. */
  heapMegabytes: number;
}

/** The path of a file relative to this folder. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** The example config that comes with Livecue. */
export const example = loadConfig(pathOf("../config.example.jsonc"));

/** Runs `use` with a service that is ready, before any event is captured. */
export async function withService<Result>(
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
    return await use({ app, config, log, startMs: readyAt - begin, heapMegabytes: memoryBytes / 2 ** 20 });
  } finally {
    app.stop("It has been measured.");
    await run;
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits for the service's first heartbeat after its start. Throws if the service cannot be started. */
export async function firstSign(app: App, slug: string): Promise<{ readyAt: number; memoryBytes: number }> {
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
