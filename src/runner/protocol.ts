/**
 * The messages between runner and worker, as JSON text, whether the service runs in a worker or in its own process. As
 * text, an event for several services is encoded only once.
 */
import type { LiveEvent } from "../event.ts";
import type { LogLevel } from "../log/log.ts";
import type { Failure } from "../failure.ts";
import type { Emission } from "../item.ts";
import type { Language } from "../language.ts";
import type { Pane } from "../pane.ts";
import type { IdleTimes, ReadingQuery } from "../reading_query.ts";
import type { StepRequest } from "../step.ts";
import type { ChildMessage } from "./child_groups.ts";
import type { Credits } from "./credits.ts";
import type { KeyPath, OptionMistake } from "./failure.ts";
import type { KeptValue, LiveChoice, StateScope, Work } from "./feed.ts";

/** What a service may request from the main thread. */
export type ServiceRequest =
  | { kind: "get_state"; scope: StateScope; key: string; live: LiveChoice }
  /** `value` undefined deletes. */
  | { kind: "set_state"; scope: StateScope; key: string; value?: unknown; live: LiveChoice }
  | { kind: "totals"; live: LiveChoice }
  | { kind: "top"; count: number; live: LiveChoice }
  /** `keep`: a value of the service's state, which is stored together with the event. */
  | { kind: "emit"; emission: Emission; live: LiveChoice; keep?: KeptValue }
  | { kind: "readings"; query: ReadingQuery }
  | { kind: "reading_news"; idle: IdleTimes }
  /** The worker creates the item's folder. */
  | { kind: "use_folder"; itemId: number }
  /** Whether a failure of the item now would be its last. */
  | { kind: "will_fail"; itemId: number }
  | StepRequest;

export interface ServiceStart {
  serviceUrl: string;
  options: Record<string, unknown>;
  configFolder: string;
  dataFolder: string;
  /** Types of events that it may emit. */
  emits: string[];
  /** Absent: English. */
  language?: Language;
}

/** What a service's module says about its options. */
export interface OptionsView {
  /** Their JSON Schema as JSON; null if the module has none, or its library does not tell it. */
  schema: string | null;
  /** In the options that the command got. */
  mistakes: OptionMistake[];
}

/** An entry in the list of a service's commands. */
export interface CommandLine {
  name: string;
  /** The arguments that may follow the name; "" if the command describes none. */
  usage: string;
  description: string;
}

/** `failure` is null if the item succeeded. The emitted events are then stored with it. */
export interface ItemEnd {
  itemId: number;
  failure: Failure | null;
  emitted: readonly Emission[];
  /** A step waits for long: the item has not ended, and comes again when the step is due. */
  isWaiting?: true;
}

export type AbortCause = "timeout" | "stop";

export type MessageToWorker =
  /** The first message; answered by `ready` or `start_failed`. */
  | ({ kind: "start"; folderPrefix: string } & ServiceStart)
  /** Instead of `start`: runs a command rather than the service. `command` null asks for the list of commands. */
  | ({ kind: "command"; command: string | null; args: string[]; isLivecueRunning: boolean } & ServiceStart)
  /** Ctrl-C: the command's signal aborts. */
  | { kind: "abort_command" }
  /** The worker begins them by the rules of `Line`. Each item is in exactly one `ended` or `returned`. */
  | { kind: "items"; items: readonly Work[]; maxConcurrency: number }
  /** No item begins until `go_on`; running items go on. Answered by `held`. */
  | { kind: "hold" }
  | { kind: "go_on" }
  /** A key of one of its panes was pressed. */
  | { kind: "press"; pane: string; key: string }
  | { kind: "abort"; itemId: number; cause: AbortCause; why: string }
  /** The time of the item's step is up. The step has a second to end. */
  | { kind: "abort_step"; itemId: number; step: string }
  /** A stop has begun: no items follow. Running items may finish, and items that have not begun are `returned`. */
  | { kind: "stopping" }
  /** The last message; answered by `stopped`. */
  | { kind: "stop" }
  | { kind: "ping" }
  /** The main thread has handled this much, and gives the credits back. */
  | ({ kind: "credits" } & Credits)
  | { kind: "reply"; requestId: number; value?: unknown }
  | { kind: "refusal"; requestId: number; error: string };

export type MessageFromWorker =
  | { kind: "ready" }
  /** `isMistake`: the module or its options are wrong, so a retry would fail in the same way. */
  | {
    kind: "start_failed";
    failure: Failure;
    isMistake: boolean;
    /** Without their places, because only the main thread knows the config file. */
    inOptions: OptionMistake[];
  }
  /** The next item has begun, in the order of arrival. Only a worker that shares no memory sends it. */
  | { kind: "began" }
  /** All ends of one turn of the worker's event loop, in order. */
  | { kind: "ended"; ends: readonly ItemEnd[] }
  /** Items that have not begun and never will. */
  | { kind: "returned"; itemIds: readonly number[] }
  /** The ends sent before this message account for every item that has begun. */
  | { kind: "held" }
  | { kind: "show"; pane: Pane }
  /** What keeps the service from its work; null: it is over. */
  | { kind: "trouble"; text: string | null }
  /** `option`: the path of the option that the line is about. */
  | { kind: "log"; level: LogLevel; text: string; option?: KeyPath }
  /**
   * `heapBytes`: the JavaScript heap of the service's code, without memory that its libraries allocate outside of it.
   */
  | { kind: "pong"; heapBytes: number }
  | { kind: "request"; requestId: number; request: ServiceRequest }
  | { kind: "stopped" }
  | ChildMessage
  /** A line that a command prints, without its line break. */
  | { kind: "print"; text: string }
  /** Instead of `command_ended`, if there is no such command or none was named. */
  | { kind: "commands"; commands: CommandLine[]; options: OptionsView }
  /** `failure` is null if the command succeeded. `isMistake` and `inOptions` are as in `start_failed`. */
  | { kind: "command_ended"; failure: Failure | null; isMistake: boolean; inOptions: OptionMistake[] }
  /**
   * The worker crashed or is about to exit. No message follows. `isBystander`: the code of another room, which shares
   * the worker, did it.
   */
  | { kind: "crashed"; error: string; isBystander?: true };

/** Caches each event's text, because several services may get the same event. */
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
