/** The state of a service, for code that shows it or waits for it. */
import type { Failure } from "./failure.ts";
import { msg } from "./language.ts";

export type ServicePhase =
  | "starting"
  | "running"
  | "paused"
  | "backing off"
  | "switched off"
  | "stopping"
  | "stopped"
  /** Its worker sends no heartbeat. */
  | "stuck"
  /** This run does not process the service's items; they stay pending. */
  | "not processed";

/** For people. */
export const servicePhaseWords: Readonly<Record<ServicePhase, string>> = {
  starting: msg("starting"),
  running: msg("running"),
  paused: msg("paused"),
  "backing off": msg("backing off"),
  "switched off": msg("switched off"),
  stopping: msg("stopping"),
  stopped: msg("stopped"),
  stuck: msg("stuck"),
  "not processed": msg("not processed"),
};

export interface ServiceState {
  phase: ServicePhase;
  /** Why it is backing off or switched off; otherwise null. */
  failure: Failure | null;
  /** Milliseconds until the next try to start it; null if none is due. */
  inMs: number | null;
}
