/** How a service stands, for all that show it or wait for it. */
import type { Failure } from "./failure.ts";

export type ServicePhase =
  | "starting"
  | "running"
  | "paused"
  | "backing off"
  | "switched off"
  | "stopping"
  | "stopped"
  /** Its worker gives no sign of life. */
  | "stuck"
  /** This process leaves the service's items pending. */
  | "not processed";

export interface ServiceState {
  phase: ServicePhase;
  /** Why it is backing off or switched off; null else. */
  failure: Failure | null;
  /** Milliseconds until its next start is tried; null where none is due. */
  inMs: number | null;
}
