/** A host with real workers, and a runner whose service runs on it, over a real connection on this machine. */
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { describeOptionMistakes, placeOfOption } from "../../src/config/option_mistakes.ts";
import { localWorkers } from "../../src/hosts/local_workers.ts";
import { Host, type HostOptions } from "../../src/hosts/host.ts";
import { openRemote } from "../../src/hosts/remote_transport.ts";
import { Runner, type RunnerState } from "../../src/runner/runner.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { type HeardLog, heardLog } from "./heard_log.ts";
import { MemoryFeed } from "./memory_feed.ts";
import { makeService } from "./runner_under_test.ts";

export const testToken = "a token for tests only";

export class HostUnderTest implements AsyncDisposable {
  readonly log: HeardLog = heardLog();
  readonly host: Host;
  /** Where its services have their data. */
  readonly folder: string;

  constructor(services: ServiceConfig[], given: Partial<HostOptions> = {}) {
    this.folder = Deno.makeTempDirSync();
    const inFolder = services.map((service) => ({ ...service, dataFolder: join(this.folder, service.slug) }));
    this.host = new Host({
      hostname: "127.0.0.1",
      port: 0,
      token: testToken,
      services: inFolder,
      maxWorkers: 16,
      clock: systemClock,
      log: this.log,
      openTransport: localWorkers({ clock: systemClock }),
      placesOf: (slug) => {
        const options = services.find((service) => service.slug === slug)?.options;
        const config = { path: "/host.jsonc", text: JSON.stringify({ services: { [slug]: { options } } }) };
        return {
          describeOptionMistakes: (mistakes) => describeOptionMistakes(config, slug, mistakes),
          placeOfOption: (path) => placeOfOption(config, slug, path),
        };
      },
      ...given,
    });
    this.host.start();
  }

  get address(): string {
    return this.host.address;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

export interface OwnerOptions {
  address: string;
  token?: string;
  room?: string;
  id?: string;
}

/** A runner of the service "tested", which the host "gpu-1" runs. */
export class OwnerUnderTest implements AsyncDisposable {
  readonly feed = new MemoryFeed();
  readonly log: HeardLog = heardLog();
  readonly runner: Runner;
  address: string;
  #watchers = new Set<() => void>();

  constructor(
    { address, token = testToken, room = "room1", id = crypto.randomUUID() }: OwnerOptions,
    given: Partial<ServiceConfig> = {},
  ) {
    this.address = address;
    const book = {
      hosts: () =>
        Promise.resolve([{ name: "gpu-1", address: this.address, token, services: null, seenAt: null }]),
    };
    this.runner = new Runner({
      service: makeService("scripted", { runsOn: "gpu-1", serviceClass: "/nowhere.ts", ...given }),
      feed: this.feed,
      clock: systemClock,
      log: this.log,
      describeOptionMistakes: () => [],
      placeOfOption: () => "",
      openRemote: (options) =>
        openRemote({ ...options, clock: systemClock, book, owner: { room, id, name: "studio" } }),
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner.stop({ graceMs: 0 });
  }
}

/** An owner that has tried to start its service. */
export async function startOwner(
  options: OwnerOptions,
  given: Partial<ServiceConfig> = {},
): Promise<OwnerUnderTest> {
  const owner = new OwnerUnderTest(options, given);
  await owner.runner.start();
  return owner;
}
