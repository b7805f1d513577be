/** What a run tells whoever measures it, as telemetry does. Without an observer, a run measures only what it shows. */
import type { LiveEvent } from "./event.ts";
import type { Outcome, QueuedItem } from "./item.ts";
import type { Operation } from "./operation.ts";
import type { ServicePhase } from "./service_state.ts";
import type { ConnectionState } from "./source.ts";

/** The methods are called for each event or item, so they must be cheap. They must not throw. */
export interface RunObserver {
  /** An event has an id, and is about to be stored and dispatched. */
  arrived(event: LiveEvent): void;
  committed(commit: Commit): void;
  /**
   * An item is handed to the worker of the service `slug`, after `waitMs` in the queue (null if nobody knows). Returns
   * the trace for `ItemView.trace`.
   */
  handedOut(slug: string, item: QueuedItem, waitMs: number | null): string | undefined;
  /** The item has come back from the worker, after `runMs` of work. */
  settled(slug: string, item: QueuedItem, end: { outcome: Outcome["kind"]; runMs: number }): void;
  /** Asks `run` for its state from time to time, until the returned function is called. */
  watch(run: ObservedRun): () => void;
}

/** A transaction that was committed. */
export interface Commit {
  operations: readonly { operation: Operation }[];
  tookMs: number;
  /** The service with this id; undefined if it is no longer in the config. */
  slugOf(serviceId: number): string | undefined;
}

export interface ObservedRun {
  services(): readonly ObservedService[];
  sources(): readonly { name: string; connection: { phase: ConnectionState["phase"] | "idle" } }[];
}

export interface ObservedService {
  slug: string;
  phase: ServicePhase;
  pending: number;
  maxQueueSize: number;
  inFlight: number;
  /** Workers that had to be replaced. */
  restarts: number;
}
