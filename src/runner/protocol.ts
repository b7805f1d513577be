/**
 * What runner and worker say to each other. All of it is plain data that survives both structured
 * cloning and JSON, since a service may run in a worker or in a process of its own.
 */
import type { LiveEvent } from "../event.ts";
import type { LogLevel } from "../log/log.ts";
import type { Failure } from "../failure.ts";
import type { Emission, ItemView } from "../item.ts";
import type { Pane } from "../pane.ts";
import type { OptionMistake } from "./failure.ts";
import type { LiveChoice, StateScope } from "./feed.ts";

/** What a service may ask of the main thread. */
export type ServiceRequest =
  | { kind: "get_state"; scope: StateScope; key: string; live: LiveChoice }
  /** `value` undefined deletes. */
  | { kind: "set_state"; scope: StateScope; key: string; value?: unknown; live: LiveChoice }
  | { kind: "totals"; live: LiveChoice }
  | { kind: "top"; count: number; live: LiveChoice }
  | { kind: "emit"; emission: Emission; live: LiveChoice };

export interface ServiceStart {
  serviceUrl: string;
  options: Record<string, unknown>;
  configFolder: string;
  dataFolder: string;
  /** Types of events that it may make. */
  emits: string[];
}

/** A command as the list of a service's commands has it. */
export interface CommandLine {
  name: string;
  /** What may follow the name; "" where nothing is told. */
  usage: string;
  description: string;
}

export type AbortCause = "timeout" | "stop";

export type MessageToWorker =
  /** The first; answered by `ready` or `start_failed`. */
  | ({ kind: "start" } & ServiceStart)
  /** In place of `start`: a command, not a service's run. `command` null asks for the list. */
  | ({ kind: "command"; command: string | null; args: string[] } & ServiceStart)
  /** Ctrl-C: the command's signal aborts. */
  | { kind: "abort_command" }
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
    failure: Failure;
    isMistake: boolean;
    /** Still without their places: only the main thread knows the config's file. */
    inOptions: OptionMistake[];
  }
  | { kind: "done"; itemId: number; emitted: Emission[] }
  | { kind: "failed"; itemId: number; failure: Failure }
  | { kind: "show"; pane: Pane }
  | { kind: "log"; level: LogLevel; text: string }
  /** `heapBytes`: what the service's code holds, without what its libraries hold outside of JavaScript. */
  | { kind: "pong"; heapBytes: number }
  | { kind: "request"; requestId: number; request: ServiceRequest }
  | { kind: "stopped" }
  /** What a command prints, without an end of line. */
  | { kind: "print"; text: string }
  /** In place of `command_ended`, where there is no such command or none was named. */
  | { kind: "commands"; commands: CommandLine[] }
  /** `failure` null: it went well. `isMistake` and `inOptions` as with `start_failed`. */
  | { kind: "command_ended"; failure: Failure | null; isMistake: boolean; inOptions: OptionMistake[] }
  /** The worker is lost, or is about to end; nothing follows. */
  | { kind: "crashed"; error: string };
