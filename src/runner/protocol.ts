/**
 * What runner and worker say to each other. All of it is plain data that survives both structured
 * cloning and JSON, since a service may run in a worker or in a process of its own.
 */
import type { LiveEvent } from "../event.ts";
import type { LogLevel } from "../log/log.ts";
import type { Failure, OptionMistake } from "./failure.ts";
import type { ItemView } from "./feed.ts";

/** What a service may ask of the main thread. */
export type ServiceRequest =
  | { kind: "get_state"; scope: "session" | "service"; key: string }
  /** `value` undefined deletes. */
  | { kind: "set_state"; scope: "session" | "service"; key: string; value?: unknown }
  | { kind: "totals" }
  | { kind: "top"; count: number };

export interface ServiceStart {
  serviceUrl: string;
  options: Record<string, unknown>;
  configFolder: string;
}

export type AbortCause = "timeout" | "stop";

export type MessageToWorker =
  /** The first; answered by `ready` or `start_failed`. */
  | ({ kind: "start" } & ServiceStart)
  /** Answered by exactly one `done` or `failed`. */
  | { kind: "event"; item: ItemView; event: LiveEvent }
  | { kind: "abort"; itemId: number; cause: AbortCause; why: string }
  /** A stop has begun: no item follows, and those that run are let finish. */
  | { kind: "stopping" }
  /** The last; answered by `stopped`. */
  | { kind: "stop" }
  | { kind: "ping" }
  | { kind: "reply"; requestId: number; value?: unknown }
  | { kind: "refusal"; requestId: number; error: string };

export type MessageFromWorker =
  | { kind: "ready" }
  /** `isMistake`: the module or its options are wrong, and another try would end the same. */
  | {
    kind: "start_failed";
    error: string;
    stack: string | null;
    isMistake: boolean;
    /** Still without their places: only the main thread knows the config's file. */
    inOptions: OptionMistake[];
  }
  | { kind: "done"; itemId: number }
  /** `stack` is set where the service threw. */
  | ({ kind: "failed"; itemId: number } & Failure)
  | { kind: "log"; level: LogLevel; text: string }
  /** `heapBytes`: what the service's code holds, without what its libraries hold outside of JavaScript. */
  | { kind: "pong"; heapBytes: number }
  | { kind: "request"; requestId: number; request: ServiceRequest }
  | { kind: "stopped" }
  /** The worker is lost, or is about to end; nothing follows. */
  | { kind: "crashed"; error: string };
