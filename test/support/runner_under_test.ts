/** A runner with a real worker, a clock that is moved by hand, and moments that a test can await. */
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Permissions, ServiceConfig } from "../../src/service.ts";
import { describeOptionMistakes, placeOfOption } from "../../src/config/option_mistakes.ts";
import { Runner, type RunnerState } from "../../src/runner/runner.ts";
import { SharedWorkers } from "../../src/runner/shared_transport.ts";
import { FakeClock } from "./fake_clock.ts";
import { type HeardLog, heardLog } from "./heard_log.ts";
import { MemoryFeed } from "./memory_feed.ts";

export const noPermissions: Permissions = {
  net: false,
  read: false,
  write: false,
  env: false,
  run: false,
  sys: false,
};

/** The service in `test/support/services/NAME.ts`, or in the module of an absolute path. */
export function makeService(name: string, given: Partial<ServiceConfig> = {}): ServiceConfig {
  const isPath = name.includes("/") || name.includes("\\");
  return {
    slug: "tested",
    name: "Tested",
    serviceClass: isPath ? name : fileURLToPath(new URL(`./services/${name}.ts`, import.meta.url)),
    configFolder: "/",
    dataFolder: "/data/tested",
    replicas: [null],
    runsOn: null,
    emits: [],
    isActive: true,
    maxQueueSize: 100,
    maxConcurrency: 16,
    prefetch: 1,
    maxAttempts: 1,
    maxCrashes: 3,
    backoffMs: 1000,
    agingMs: null,
    timeoutMs: 30_000,
    wholeTimeoutMs: null,
    staleAfterSeconds: null,
    isolation: "worker",
    maxMemoryMb: 512,
    permissions: noPermissions,
    options: {},
    subscriptions: {},
    ...given,
  };
}

/** For rooms that share a worker. */
export interface SharedInTest {
  clock: FakeClock;
  sharedWorkers: SharedWorkers;
}

export function shareInTest(): SharedInTest {
  const clock = new FakeClock();
  return { clock, sharedWorkers: new SharedWorkers({ clock }) };
}

export class RunnerUnderTest implements AsyncDisposable {
  readonly feed = new MemoryFeed();
  readonly clock: FakeClock;
  readonly log: HeardLog = heardLog();
  readonly runner: Runner;
  /** Where an option is in the config, as a line of the log has it. */
  readonly placeOf: (...path: (string | number)[]) => string;
  readonly #watchers = new Set<() => void>();

  constructor(service: ServiceConfig, shared: SharedInTest = shareInTest()) {
    this.clock = shared.clock;
    const { slug, options } = service;
    const text = JSON.stringify({ services: { [slug]: { options } } });
    const config = { path: "/config.jsonc", text };
    this.placeOf = (...path) => placeOfOption(config, slug, path);
    this.runner = new Runner({
      service,
      feed: this.feed,
      clock: this.clock,
      log: this.log,
      sharedWorkers: shared.sharedWorkers,
      describeOptionMistakes: (mistakes) => describeOptionMistakes(config, slug, mistakes),
      placeOfOption: (path) => this.placeOf(...path),
      onChange: () => this.#watchers.forEach((watch) => watch()),
    });
    this.feed.onAdded = () => this.runner.wake();
  }

  /** Resolves when the runner is in this phase. */
  reached(phase: RunnerState["phase"]): Promise<RunnerState> {
    return new Promise((resolve) => {
      const watch = () => {
        if (this.runner.state.phase !== phase) return;
        this.#watchers.delete(watch);
        resolve(this.runner.state);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  /** As seconds pass, each with a turn of the event loop. */
  async passSeconds(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await setImmediate();
      this.clock.advance(1000);
    }
    await setImmediate();
  }

  /** Ends the worker, whatever it is doing: the limits of a stop pass one by one. */
  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.runner.stop({ graceMs: 0 });
    await this.passSeconds(4);
    await stopped;
  }
}

/** A runner that has tried to start. */
export async function startRunner(
  name: string,
  given: Partial<ServiceConfig> = {},
  shared?: SharedInTest,
): Promise<RunnerUnderTest> {
  const tested = new RunnerUnderTest(makeService(name, given), shared);
  await tested.runner.start();
  return tested;
}
