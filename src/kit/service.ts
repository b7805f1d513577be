/**
 * Everything that the author of a service imports: "livecue/service".
 *
 * The default export of a service module is a class that extends `BaseQueueService`. The module may also export
 * `optionsSchema`, to have its options checked before it starts, and `commands`, to be run from the command line.
 */
import type { EmittedDataByType, LiveEvent } from "../event.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { Pane } from "../pane.ts";
import type { ViewerNumbers } from "../viewer.ts";
import type { DatabaseSync, Migration } from "./database.ts";
import type { ReadingAccess } from "./detection/access.ts";
import type { StepContext, StepOptions } from "./steps.ts";

export type {
  EmittedDataByType,
  EmittedEvent,
  EventDataByType,
  EventOf,
  EventType,
  Gift,
  LiveEvent,
  Streak,
  User,
  UserRole,
} from "../event.ts";
export { addedBy, countsForHost } from "../event.ts";
export type { ViewerNumbers } from "../viewer.ts";
export type { LiveTotals, LiveTotals as SessionTotals, TopUser } from "../live.ts";
export type { Pane, PaneKey, PaneLine } from "../pane.ts";
export type { Channel, Reading } from "../reading.ts";
export type {
  ChannelKey,
  CsvPage,
  ReadingAnswer,
  ReadingQuery,
  ReadingWindow,
  Rollup,
} from "../reading_query.ts";
export { csvHeader } from "../reading_query.ts";
export type { DatabaseSync, Migration } from "./database.ts";
export type { ReadingAccess } from "./detection/access.ts";
export type { StepContext, StepOptions } from "./steps.ts";
export { FinalError, RetryLaterError, StepError } from "./steps.ts";

/**
 * Throw it if the cause is not an error in the code but outside, as a program that is not running, or a setting. The
 * message should say what to do; it is shown unchanged, without a stack.
 */
export { UserError } from "../user_error.ts";

/** One event's place in this service's queue. */
export interface QueueItem {
  /** `event_queue.id`. */
  readonly id: number;
  /** 1 to 10, 10 first. */
  readonly priority: number;
  /** Whether other items may run at the same time. */
  readonly isAsync: boolean;
  /**
   * How many gifts or likes it stands for: what its event adds, or with `"streaks": "final"` the total of the streak.
   * 1 for all other types.
   */
  readonly count: number;
  /** 1 on the first hand-out. After a crash an item may come again: delivery is at least once, not exactly once. */
  readonly attempt: number;
  /** The user's first event of this type in the live; for a first streak, the item that starts it. */
  readonly isFirstOfUser: boolean;
  /** The viewer over all lives, at this hand-out, this event included; zeros if nobody caused the event. */
  readonly viewer: ViewerNumbers;
  /** Aborts when the item's time is up, or when the service is stopped while it runs. */
  readonly signal: AbortSignal;
  /**
   * Emits an event. It is stored together with the completion of this item and then handed to other services (with
   * `toSelf` to this one too), so an item that fails emits nothing. Throws a `TypeError` if the type is not in this service's "emits", or if the data
   * is not a JSON object of up to 64 KB. Throws an `Error` for the 101st event of the item, if the data of all its
   * events has more than 800,000 characters, or if the item has ended.
   */
  emit<Type extends string>(type: Type, data: EmittedData<Type>, options?: EmitOptions): void;
  /**
   * Runs a durable step: `run` runs until it returns once. Its result (JSON of up to 64 KB) is stored before this
   * resolves, and when the item is handed out again, stored results are returned, and `run` is not called. The name is
   * unique in the item. Rejects with a `StepError` if the last try fails.
   */
  step<Result>(name: string, run: (step: StepContext) => Result | Promise<Result>): Promise<Result>;
  step<Result>(
    name: string,
    options: StepOptions,
    run: (step: StepContext) => Result | Promise<Result>,
  ): Promise<Result>;
  /**
   * A durable pause. A pause of more than a minute gives the item's place in the service to others, and the item comes
   * again when the pause is over, also after a restart. Give it a name if its place among the pauses may change.
   */
  sleep(ms: number, name?: string): Promise<void>;
  /**
   * Waits for steps beside one another: as `Promise.all`, but when one fails, it lets the others finish before it
   * rejects. If one waits for long, the item gives its place back when the others have finished.
   */
  all<Results extends readonly unknown[]>(
    steps: Results,
  ): Promise<{ -readonly [Index in keyof Results]: Awaited<Results[Index]> }>;
  /**
   * Runs `cleanUp` when the item is about to fail for good, not before a retry. If a crash or a stop cuts it, it runs
   * again. It may use steps. An error in it is logged. If the item's own time was up, it has a second.
   */
  onFailure(cleanUp: (error: Error) => void | Promise<void>): void;
  /**
   * Absolute path of a scratch folder for this item, in the service's own folder. It is created on first use, kept
   * while the item is retried, and removed when the item has ended, also after a crash. Throws a `UserError`.
   */
  readonly folder: string;
}

/** The type declared in `EmittedDataByType`; otherwise any JSON object. */
export type EmittedData<Type extends string> = Type extends keyof EmittedDataByType ? EmittedDataByType[Type]
  : object;

export interface EmitOptions {
  /** An event with the same id from the same service is emitted once in 24 hours. Default: every time. */
  id?: string | undefined;
  /**
   * Whether this service gets the event too, as an item of its own, if it subscribes to the type. Default false: only
   * other services get it.
   */
  toSelf?: boolean | undefined;
}

/**
 * Selects a live. In an item's hooks, the default is the live of its event. Outside of an item, if several lives are
 * open, name the source by its key in the config's "sources".
 */
export interface LiveOptions {
  source?: string | undefined;
}

/**
 * Writes lines to Livecue's log under the service's slug, as `console` does too. Of a text, the first 50 lines and
 * 8,000 characters are kept. Up to 1,000 lines are accepted at once, and then 300 per second; further lines are
 * counted, and the number is logged.
 */
export interface ServiceLog {
  debug(text: string, about?: LineSubject): void;
  info(text: string, about?: LineSubject): void;
  warn(text: string, about?: LineSubject): void;
  error(text: string, about?: LineSubject): void;
}

/** What a line of the log is about. */
export interface LineSubject {
  /** The path of one of the service's options, as ["rules", 2, "do"]. The line ends with its place in the config. */
  option: readonly (string | number)[];
}

/**
 * "service" is permanent; "live" is empty at the start of each live, and survives restarts during the live; "session"
 * is empty at each restart of the capture too.
 */
export interface StateOptions extends LiveOptions {
  /** Default "service". */
  scope?: "service" | "live" | "session" | undefined;
}

/**
 * A service's values in the database: at most 10,000 JSON values of up to 1 MB, with keys of up to 200 characters. An
 * invalid one is rejected with the reason. Await each call: with thousands of pending calls, the next one throws.
 */
export interface KeptState {
  /** undefined if there is no value. The type is not checked. */
  get<Value = unknown>(key: string, options?: StateOptions): Promise<Value | undefined>;
  /** Resolves when the value is committed; undefined deletes it. */
  set(key: string, value: unknown, options?: StateOptions): Promise<void>;
}

/** A live's totals, including the last stored event. */
export interface LiveView {
  totals(options?: LiveOptions): Promise<LiveTotals>;
  /** The top `count` givers (up to 1000), most diamonds first. */
  top(count: number, options?: LiveOptions): Promise<TopUser[]>;
}

/** A service's own data, in its own folder. */
export interface ServiceData {
  /**
   * Absolute path of the folder `data/SLUG` next to the config, which is created on first use. Throws a `UserError`.
   */
  readonly folder: string;
  /** See `BaseQueueService.database`. */
  database(migrations: readonly Migration[]): DatabaseSync;
}

/** What Livecue passes to the constructor of a service. */
export interface ServiceContext<Options = Record<string, unknown>> {
  data: ServiceData;
  emit(type: string, data: object, options: EmitOptions & LiveOptions): Promise<void>;
  every(seconds: number, run: () => void | Promise<void>): () => void;
  show(pane: Pane): void;
  trouble(text: string | null): void;
  options: Options;
  configFolder: string;
  log: ServiceLog;
  stopping: AbortSignal;
  signal: AbortSignal;
  state: KeptState;
  live: LiveView;
  readings: ReadingAccess;
}

/**
 * A service's commands for the command line. They have the service's permissions, options and folder, and work while
 * Livecue runs:
 *
 *     export const commands: ServiceCommands = {
 *       list: { description: "list the prizes", run: ({ print }) => print("…") },
 *     };
 *
 * `deno task livecue SLUG list` runs it. `doctor` also runs a command named `check`: it prints what works, one line
 * each, warns with `log.warn`, and throws a `UserError` that says what to do if the service could not work. `prune`
 * and `retention` of the config run a command named `prune` with a time (ISO 8601), and with `--dry-run` if nothing
 * may change: it deletes what is older in the service's own data, and prints how much.
 */
export type ServiceCommands<Options = Record<string, unknown>> = Record<string, ServiceCommand<Options>>;

export interface ServiceCommand<Options = Record<string, unknown>> {
  /** One line for the list of the service's commands. */
  description: string;
  /** The arguments, for that list: as "NAME [COUNT]". */
  usage?: string;
  /**
   * Gets the arguments. A `UserError` is printed unchanged, with exit code 2; any other error with its stack, with
   * exit code 1.
   */
  run(context: ServiceCommandContext<Options>, ...args: string[]): void | Promise<void>;
}

/** The context of a service's command. All of it may be destructured. */
export interface ServiceCommandContext<Options = Record<string, unknown>> extends ServiceData {
  /** The options as returned by the service's `optionsSchema`. */
  readonly options: Options;
  readonly configFolder: string;
  readonly log: ServiceLog;
  /** Whether a Livecue is running with the config's database, and thus this service if it is active. */
  readonly isLivecueRunning: boolean;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** Prints one or more lines to standard output. */
  print(text: string): void;
}

/**
 * Checks a service's options: any Standard Schema (version 1), as those of zod and valibot. `this.options` is the
 * returned value, with defaults and conversions.
 */
export interface OptionsSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): OptionsCheck | Promise<OptionsCheck>;
    /** Of a library that also follows Standard JSON Schema, as zod does: then the rule desk has a form for the options. */
    readonly jsonSchema?: {
      input(options: { target: string; libraryOptions?: Record<string, unknown> }): unknown;
    };
  };
}

/** The result of a Standard Schema: the value, or its mistakes. */
export type OptionsCheck =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly OptionsIssue[] };

export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Acts on the events of a live. Hooks run in the service's own worker, with the permissions in its config. For one
 * item they run in the order below.
 */
export abstract class BaseQueueService<Options = Record<string, unknown>> {
  /** The service's options, as returned by its `optionsSchema`. */
  readonly options: Options;
  /** The folder of the config file, the base of relative paths in the options. */
  readonly configFolder: string;
  readonly log: ServiceLog;
  /** Aborts when a stop starts. Running items get a few seconds to finish; work that only waits can end here. */
  readonly stopping: AbortSignal;
  /** Aborts when the service is stopped and no item is running any more, before `onStop`. */
  readonly signal: AbortSignal;
  readonly state: KeptState;
  readonly live: LiveView;
  /** The stored readings of all sources. A query rejects if it makes no sense or if they cannot be read. */
  readonly readings: ReadingAccess;
  /** The older name of `live`. */
  readonly session: LiveView;
  readonly #context: ServiceContext<Options>;

  /** A service with its own constructor must pass on the context. */
  constructor(context: ServiceContext<Options>) {
    if (context === undefined) {
      throw new TypeError(
        "BaseQueueService needs its context: write constructor(context) { super(context); … }",
      );
    }
    this.#context = context;
    this.options = context.options;
    this.configFolder = context.configFolder;
    this.log = context.log;
    this.stopping = context.stopping;
    this.signal = context.signal;
    this.state = context.state;
    this.live = context.live;
    this.session = context.live;
    this.readings = context.readings;
  }

  /**
   * Absolute path of its own folder, `data/SLUG` next to the config, which is created on first use. Throws a
   * `UserError`.
   */
  get folder(): string {
    return this.#context.data.folder;
  }

  /**
   * Opens the service's own SQLite database, `data.db` in its folder, and brings it up to date with the migrations:
   * each runs once, in order, in a transaction. Never change a released migration; append new ones. The database is
   * closed after `onStop`. Writes are not undone if an item fails, and an item may come twice, so give writes a key,
   * as the item's id. Throws a `UserError` if the database cannot be opened, or has had more migrations.
   */
  database(migrations: readonly Migration[]): DatabaseSync {
    return this.#context.data.database(migrations);
  }

  /**
   * Emits an event outside of an item, as from a timer or a game. In an item use `item.emit`, so that a failed item
   * emits nothing. The event belongs to the open live; if none is open, to a live of Livecue's own, one per run, as it
   * always does with the source "services". Resolves when the event is stored, or if one with this id was stored within
   * 24 hours. Rejects as `item.emit` throws, and if several lives are open and none is selected.
   */
  emit<Type extends string>(
    type: Type,
    data: EmittedData<Type>,
    options: EmitOptions & LiveOptions = {},
  ): Promise<void> {
    return this.#context.emit(type, data, options);
  }

  /**
   * Calls `run` every `seconds`, until the returned function is called or the service stops (before `onStop`). At
   * most 1,000 schedules. Calls never overlap: one that is due while another runs is skipped. Errors are logged.
   */
  every(seconds: number, run: () => void | Promise<void>): () => void {
    return this.#context.every(seconds, run);
  }

  /**
   * Shows a pane on the screen, replacing the pane with the same title. A pane without lines is removed. At most 20
   * panes with 50 lines each; a title has at most 40 characters. It may be called often: the screen shows the latest,
   * ten times per second. Presses of a pane's `keys` call `onKeyPressed`.
   */
  show(pane: Pane): void {
    this.#context.show(pane);
  }

  /**
   * Says in a sentence what keeps the service from its work, as a port that another program uses, and null when that
   * is over. The screen shows it in the service's row until then, and the log has it once, as an error.
   */
  trouble(text: string | null): void {
    this.#context.trouble(text === null ? null : String(text).slice(0, 1_000));
  }

  /** Runs before the first item. An error makes the start fail, and it is retried later. */
  onStart(): void | Promise<void> {}

  /** Runs before each item. An error makes the item fail. */
  onEventReceived(_event: LiveEvent, _item: QueueItem): void | Promise<void> {}

  /** Does the work. true means success; false or an error means failure. */
  abstract processEvent(event: LiveEvent, item: QueueItem): boolean | Promise<boolean>;

  /** Runs after each item, successful or not. An error is logged and has no other effect. */
  onEventProcessed(_event: LiveEvent, _item: QueueItem, _isSuccess: boolean): void | Promise<void> {}

  /** One of its pane's `keys` was pressed on the screen. A throw is logged. */
  onKeyPressed(_press: { pane: string; key: string }): void | Promise<void> {}

  /** Runs at an orderly stop, after the last item, for at most two seconds. An error is logged. */
  onStop(): void | Promise<void> {}
}
