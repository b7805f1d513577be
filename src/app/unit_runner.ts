/** Makes the workers of a service of this run, on this machine or on hosts. */
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { describeOptionMistakes, placeOfOption } from "../config/option_mistakes.ts";
import type { HostBook } from "../host_book.ts";
import { openRemote } from "../hosts/remote_transport.ts";
import type { Log } from "../log/log.ts";
import type { Feed } from "../runner/feed.ts";
import { ReplicaSet } from "../runner/replica_set.ts";
import type { RunnerOptions } from "../runner/runner.ts";
import type { Store } from "../store/store.ts";
import { ConfigHosts } from "./config_hosts.ts";
import { databaseIdOf } from "./database_id.ts";
import type { ServiceUnit } from "./service_unit.ts";

export interface UnitRunnerOptions extends Pick<RunnerOptions, "sharedWorkers"> {
  /** The config in effect. */
  config(): Config;
  store: Store;
  clock: Clock;
  log: Log;
  /** Where the machines are found that run services for this one. Default: in the config. */
  hosts?: HostBook | undefined;
  /** A service may have become idle. */
  onChange(): void;
}

/** The process, for hosts. */
const processId = crypto.randomUUID();

export function makeRunner(unit: ServiceUnit, feed: Feed, options: UnitRunnerOptions): ReplicaSet {
  const { config, store, clock, log, sharedWorkers, onChange } = options;
  const book = options.hosts ?? new ConfigHosts(config, store.hosts);
  const { slug } = unit;
  const { streamer } = store;
  // Two rooms of one database are two rooms for a host.
  const room = streamer === "" ? databaseIdOf(store) : `${databaseIdOf(store)} ${streamer}`;
  const owner = { id: processId, room, name: machineName() };
  return new ReplicaSet({
    service: unit.config,
    feed,
    clock,
    log,
    sharedWorkers,
    describeOptionMistakes: (mistakes) => describeOptionMistakes(config(), slug, mistakes),
    placeOfOption: (path) => placeOfOption(config(), slug, path),
    openRemote: (transport) => openRemote({ ...transport, clock, book, owner }),
    onChange,
  });
}

function machineName(): string {
  try {
    return Deno.hostname();
  } catch {
    // Livecue may lack the permission.
    return "livecue";
  }
}
