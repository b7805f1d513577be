/**
 * What runner and worker say to each other, as JSON text, whether the service runs in a worker or in a process of its
 * own. So an event that several services get is written as text once.
 */
import type { LiveEvent } from "../event.ts";
import type { LogLevel } from "../log/log.ts";
import type { Failure } from "../failure.ts";
import type { Emission } from "../item.ts";
import type { Pane } from "../pane.ts";
import type { ChildMessage } from "./child_groups.ts";
import type { Credits } from "./credits.ts";
import type { OptionMistake } from "./failure.ts";
import type { LiveChoice, StateScope, Work } from "./feed.ts";

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

/** `failure` null: it went well, and what it emitted is to be stored with it. */
export interface ItemEnd {
  itemId: number;
  failure: Failure | null;
  emitted: readonly Emission[];
}

export type AbortCause = "timeout" | "stop";

export type MessageToWorker =
  /** The first; answered by `ready` or `start_failed`. */
  | ({ kind: "start" } & ServiceStart)
  /** In place of `start`: a command, not a service's run. `command` null asks for the list. */
  | ({ kind: "command"; command: string | null; args: string[]; isLivecueRunning: boolean } & ServiceStart)
  /** Ctrl-C: the command's signal aborts. */
  | { kind: "abort_command" }
  /** To be begun by the rules of `Line`. Each is in exactly one `ended` or `returned`. */
  | { kind: "items"; items: readonly Work[]; maxConcurrency: number }
  /** No item begins until `go_on`; what runs goes on. Answered by `held`. */
  | { kind: "hold" }
  | { kind: "go_on" }
  /** A key of one of its panes was pressed. */
  | { kind: "press"; pane: string; key: string }
  | { kind: "abort"; itemId: number; cause: AbortCause; why: string }
  /** A stop has begun: no item follows, those that run are let finish, and those that have not begun are `returned`. */
  | { kind: "stopping" }
  /** The last; answered by `stopped`. */
  | { kind: "stop" }
  | { kind: "ping" }
  /** So much of what the worker said has been dealt with. */
  | ({ kind: "credits" } & Credits)
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
  /** One more item has begun, in the order in which they came. Only of a worker that shares no memory. */
  | { kind: "began" }
  /** Of all that ended in one turn of the worker's event loop, in their order. */
  | { kind: "ended"; ends: readonly ItemEnd[] }
  /** Items that have not begun, and never will. */
  | { kind: "returned"; itemIds: readonly number[] }
  /** Whatever has begun did so after the ends that were told before this. */
  | { kind: "held" }
  | { kind: "show"; pane: Pane }
  | { kind: "log"; level: LogLevel; text: string }
  /** `heapBytes`: what the service's code holds, without what its libraries hold outside of JavaScript. */
  | { kind: "pong"; heapBytes: number }
  | { kind: "request"; requestId: number; request: ServiceRequest }
  | { kind: "stopped" }
  | ChildMessage
  /** What a command prints, without an end of line. */
  | { kind: "print"; text: string }
  /** In place of `command_ended`, where there is no such command or none was named. */
  | { kind: "commands"; commands: CommandLine[] }
  /** `failure` null: it went well. `isMistake` and `inOptions` as with `start_failed`. */
  | { kind: "command_ended"; failure: Failure | null; isMistake: boolean; inOptions: OptionMistake[] }
  /** The worker is lost, or is about to end; nothing follows. */
  | { kind: "crashed"; error: string };

/** Of an event that several services get, all get the same text: it is written once. */
const eventTexts = new WeakMap<LiveEvent, string>();

export function encodeMessage(message: MessageToWorker | MessageFromWorker): string {
  if (message.kind !== "items") return JSON.stringify(message);
  const items = message.items.map(({ item, event }) =>
    `{"item":${JSON.stringify(item)},"event":${eventText(event)}}`
  );
  return `{"kind":"items","maxConcurrency":${message.maxConcurrency},"items":[${items.join(",")}]}`;
}

function eventText(event: LiveEvent): string {
  let text = eventTexts.get(event);
  if (text === undefined) {
    text = JSON.stringify(event);
    eventTexts.set(event, text);
  }
  return text;
}
