/** The options and the result of a run. */
import type { WhyLost } from "../store/postgres/trouble.ts";
import type { Store, StoreOptions } from "../store/store.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { RunReport } from "../control.ts";
import type { Deadline } from "../deadline.ts";
import type { LiveEvent } from "../event.ts";
import type { HostBook } from "../host_book.ts";
import type { QueuedItem } from "../item.ts";
import { t } from "../language.ts";
import type { SessionEnd } from "../lives/capture.ts";
import type { Log } from "../log/log.ts";
import type { RunObserver } from "../run_observer.ts";
import type { SharedWorkers } from "../runner/shared_transport.ts";
import type { LiveSession } from "../session.ts";
import type { CapturedEvent, ConnectionState, RawMessage, ReadingBatch, Source } from "../source.ts";
import type { ItemEnd } from "./queue_feed.ts";
import type { Switchable } from "./sources.ts";

export type { WhyLost };

export interface AppOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** If empty, the run captures nothing and only processes pending items. */
  sources: readonly Source[];
  /** Slugs of the services to process. Items of other services stay pending. */
  processes: "all" | "none" | readonly string[];
  /** What the user can choose on the screen. */
  choice?: {
    switchable: readonly Switchable[];
    /** Null if a change of the user needs a new run. */
    openSource: ((name: string, username: string) => Promise<Source>) | null;
  } | undefined;
  /**
   * What to do when the sources have ended or there are none: process the remaining items and end, or go on until
   * stopped.
   */
  whenIdle: "end" | "stay";
  /** Where the machines are found that run services for this one. Default: in the config. */
  hosts?: HostBook | undefined;
  sessionName?: string | null | undefined;
  /** The most events in one transaction. */
  batchSize?: number | undefined;
  /** `window` of `QueueOptions`. */
  queueWindow?: number;
  /** How long the whole stop may take, in milliseconds. Default 14.5 s. */
  stopLimitMs?: number;
  /** Whether to discard the pending items of ended sessions, whatever their age. */
  discardsPending?: boolean | undefined;
  observer?: RunObserver | undefined;
  /** Opens the store instead of the config's database: the room of a database of many. */
  openStore?: ((onLost: (why: WhyLost) => void) => Promise<Store>) | undefined;
  /** As in `StoreOptions`. */
  machine?: string | undefined;
  /** As in `StoreOptions`. */
  onHeld?: ((machine: string) => void) | undefined;
  /** For services with `isolation` "shared": give the same to all runs of this process that share workers. */
  sharedWorkers?: SharedWorkers | undefined;
  /** Called for each captured event, before duplicates are dropped. `streamer` is the host's handle. */
  onCaptured?: ((event: CapturedEvent, raw: RawMessage | null, streamer: string) => void) | undefined;
  /** Called for each batch of readings, before they are checked. */
  onReadings?: ((batch: ReadingBatch, source: string) => void) | undefined;
  onState?: (source: string, state: ConnectionState) => void;
  /** Called for each stored event. */
  onEvent?: (event: LiveEvent) => void;
  onSessionEnded?: (session: LiveSession, end: SessionEnd) => void;
  onItemEnded?: (slug: string, item: QueuedItem, end: ItemEnd) => void;
  /** The run is being closed, and every wait ends at this deadline. */
  onClosing?: (deadline: Deadline) => void;
  /** A service's worker or its work has changed. Called for each item, so it must be cheap. */
  onServicesChanged?: (() => void) | undefined;
}

export interface RunResult extends RunReport {
  /** The user's choice that needs a new run. */
  next: { kind: "demo" } | { kind: "user"; source: string; username: string } | null;
  /** The parts that the stop no longer waited for. */
  givenUp: readonly string[];
}

/** How the store of a run is opened. */
export function storeOptionsOf(options: AppOptions): StoreOptions {
  const { config, clock, log, batchSize, observer, machine, onHeld } = options;
  const { database: address, durability } = config;
  return { address, durability, clock, batchSize, observer, machine, onHeld, log: log.named("store") };
}

/** Why a run ends that no longer has its database; `name` is the database's, for people. */
export function whyLost(why: WhyLost, name: string): string {
  return why === "taken over"
    ? t`Another machine has taken over ${name}, so this run ends.`
    : t`${name} no longer has what this run stored there: an older copy was put in its place. This run ends. Start it again, and it continues with what the database has.`;
}
