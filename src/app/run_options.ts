/** What a run is given, and what came of it. */
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { RunReport } from "../control.ts";
import type { Deadline } from "../deadline.ts";
import type { LiveEvent } from "../event.ts";
import type { QueuedItem } from "../item.ts";
import type { LiveTotals } from "../live.ts";
import type { Log } from "../log/log.ts";
import type { LiveSession } from "../session.ts";
import type { CapturedEvent, ConnectionState, RawMessage, Source } from "../source.ts";
import type { ItemEnd } from "./queue_feed.ts";
import type { Switchable } from "./sources.ts";

export interface AppOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** Without any, nothing is captured, only what is pending is processed. */
  sources: readonly Source[];
  /** Slugs of the services to process; the others' items stay pending. */
  processes: "all" | "none" | readonly string[];
  /** What can be chosen in the screen. */
  choice?: {
    switchable: readonly Switchable[];
    /** null: another user takes another run. */
    openSource: ((name: string, username: string) => Promise<Source>) | null;
  } | undefined;
  /** What to do when the sources have ended, or there is none: process what is left and end, or go on until stopped. */
  whenIdle: "end" | "stay";
  sessionName?: string | null | undefined;
  /** Events in one transaction at most. */
  batchSize?: number | undefined;
  /** Items of one class of a queue in memory at most: as in `QueueOptions`. */
  queueWindow?: number;
  /** How long a stop may take in all, whoever is waited for; 14.5 s where not told. */
  stopLimitMs?: number;
  /** Discard what ended sessions left pending, whatever its age. */
  discardsPending?: boolean | undefined;
  /** Each event as it was captured, before duplicates are dropped; `streamer` is the host's handle. */
  onCaptured?: ((event: CapturedEvent, raw: RawMessage | null, streamer: string) => void) | undefined;
  onState?: (source: string, state: ConnectionState) => void;
  /** Each event that is stored. */
  onEvent?: (event: LiveEvent) => void;
  onSessionEnded?: (session: LiveSession, end: { reason: string; totals: LiveTotals }) => void;
  onItemEnded?: (slug: string, item: QueuedItem, end: ItemEnd) => void;
  /** The run is being closed; all that is waited for is waited for by this deadline. */
  onClosing?: (deadline: Deadline) => void;
  /** Some service has changed: its worker, or what it has to do. Called for each item, so it has to be cheap. */
  onServicesChanged?: (() => void) | undefined;
}

export interface RunResult extends RunReport {
  /** What was chosen that takes another run. */
  next: { kind: "demo" } | { kind: "user"; source: string; username: string } | null;
  /** Who was not waited for any longer as it was closed. */
  givenUp: readonly string[];
}
