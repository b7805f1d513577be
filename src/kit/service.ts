/**
 * All that the author of a service imports, as "livecue/service".
 *
 * A service module exports by default a class extending `BaseQueueService`, and may export `optionsSchema`
 * to have its options checked before it starts, and `commands` to be run from the command line.
 */
import type { EmittedDataByType, LiveEvent } from "../event.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { Pane } from "../pane.ts";
import type { DatabaseSync, Migration } from "./database.ts";

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
export type { LiveTotals, LiveTotals as SessionTotals, TopUser } from "../live.ts";
export type { Pane, PaneKey, PaneLine } from "../pane.ts";
export type { DatabaseSync, Migration } from "./database.ts";

/**
 * To be thrown where it is not the code that is wrong but the world: a program that is not running, a setting.
 * Its message, which should say what to do, is told as it stands, without a place in the code.
 */
export { UserError } from "../user_error.ts";

/** One event's place in this service's queue. */
export interface QueueItem {
  /** `event_queue.id`. */
  readonly id: number;
  /** 1 to 10, 10 first. */
  readonly priority: number;
  /** Whether others may run beside it. */
  readonly isAsync: boolean;
  /**
   * How many gifts or likes it stands for: what its event adds, or with `"streaks": "final"` the whole streak.
   * 1 for all other types.
   */
  readonly count: number;
  /** 1 on the first hand-out. An item may come again after a crash: at least once, not exactly once. */
  readonly attempt: number;
  /** The user's first event of this type in the live: of a first streak, the item with which it begins. */
  readonly isFirstOfUser: boolean;
  /** Aborts when the item's time is up, or when the service is stopped over it. */
  readonly signal: AbortSignal;
  /**
   * Makes an event, which is stored and handed to other services when this item completes, in one go with it: an
   * item that fails emits nothing. Throws a `TypeError` where the type is not in the config's "emits" of this
   * service, or where the data is no JSON object of up to 64 KB; an `Error` for the 101st, for data of over 800,000
   * letters in all, or when the item has ended.
   */
  emit<Type extends string>(type: Type, data: EmittedData<Type>, options?: EmitOptions): void;
}

/** As it was declared in `EmittedDataByType`, or else any JSON object. */
export type EmittedData<Type extends string> = Type extends keyof EmittedDataByType ? EmittedDataByType[Type]
  : object;

export interface EmitOptions {
  /** A service's event of the same id is emitted once in 24 hours. Left out: each time. */
  id?: string;
}

/**
 * Which live is meant. In an item's hooks it is the live of its event. Outside of an item, where several lives are
 * open, the source must be named, by its key in the config's "sources".
 */
export interface LiveOptions {
  source?: string;
}

/**
 * Lines go to Livecue's log under the service's slug. So does `console`. Of a text the first 50 lines and 8,000 letters
 * are kept. Up to 1,000 lines are taken at once and 300 a second from then on; those over that are counted and told.
 */
export interface ServiceLog {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/**
 * "service" stays for good; "live" is emptied with each new live, and survives a restart in its midst; "session" is
 * emptied whenever the capture starts anew, too.
 */
export interface StateOptions extends LiveOptions {
  /** Default "service". */
  scope?: "service" | "live" | "session";
}

/**
 * What a service keeps in the database: JSON values of up to 1 MB, at most 10,000 of them, under keys of up to 200
 * letters. A wrong one is refused with what is wrong. Await each call: with thousands under way the next one throws.
 */
export interface KeptState {
  /** undefined where nothing is kept. The type is taken on trust. */
  get<Value = unknown>(key: string, options?: StateOptions): Promise<Value | undefined>;
  /** Resolves when the value is committed; undefined deletes it. */
  set(key: string, value: unknown, options?: StateOptions): Promise<void>;
}

/** A live's sums, up to the last event that was stored. */
export interface LiveView {
  totals(options?: LiveOptions): Promise<LiveTotals>;
  /** The `count` greatest givers (up to 1000), most diamonds first. */
  top(count: number, options?: LiveOptions): Promise<TopUser[]>;
}

/** A service's own data, in a folder of its own. */
export interface ServiceData {
  /** The folder `data/SLUG` beside the config, absolute: made when first asked for. Throws a `UserError`. */
  readonly folder: string;
  /** See `BaseQueueService.database`. */
  database(migrations: readonly Migration[]): DatabaseSync;
}

/** What Livecue gives a service at its construction. */
export interface ServiceContext<Options = Record<string, unknown>> {
  data: ServiceData;
  emit(type: string, data: object, options: EmitOptions & LiveOptions): Promise<void>;
  every(seconds: number, run: () => void | Promise<void>): () => void;
  show(pane: Pane): void;
  options: Options;
  configFolder: string;
  log: ServiceLog;
  stopping: AbortSignal;
  signal: AbortSignal;
  state: KeptState;
  live: LiveView;
}

/**
 * What a service does from the command line, with its own permissions, options and folder, also while Livecue runs:
 *
 *     export const commands: ServiceCommands = {
 *       list: { description: "list the prizes", run: ({ print }) => print("…") },
 *     };
 *
 * is run by `deno task livecue SLUG list`. A command named `check` is run by `doctor`, too: it prints what is well,
 * a line each, warns by `log.warn`, and throws a `UserError` that says what to do when the service could not work.
 */
export type ServiceCommands<Options = Record<string, unknown>> = Record<string, ServiceCommand<Options>>;

export interface ServiceCommand<Options = Record<string, unknown>> {
  /** One line for the list of the service's commands. */
  description: string;
  /** What follows the command's name, for that list: as "NAME [COUNT]". */
  usage?: string;
  /**
   * Gets the words that follow the command's name. A `UserError` is told as it stands, with exit code 2; anything
   * else that is thrown with its place in the code, with exit code 1.
   */
  run(context: ServiceCommandContext<Options>, ...args: string[]): void | Promise<void>;
}

/** What a service's command works with; all of it may be destructured. */
export interface ServiceCommandContext<Options = Record<string, unknown>> extends ServiceData {
  /** As the service's `optionsSchema` returned them. */
  readonly options: Options;
  readonly configFolder: string;
  readonly log: ServiceLog;
  /** A Livecue runs with the config's database, and so runs this service, when it is active. */
  readonly isLivecueRunning: boolean;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** Prints a line, or several, on standard output. */
  print(text: string): void;
}

/**
 * Checks a service's options: any Standard Schema (version 1), as zod's and valibot's schemas are.
 * What it returns is what `this.options` holds, so defaults and conversions count.
 */
export interface OptionsSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): OptionsCheck | Promise<OptionsCheck>;
  };
}

/** A Standard Schema's answer: the value, or what is wrong with it. */
export type OptionsCheck =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly OptionsIssue[] };

export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Acts on the events of a live. Hooks run in a worker of the service's own, with the permissions that its
 * config grants; for one item they run in the order in which they stand here.
 */
export abstract class BaseQueueService<Options = Record<string, unknown>> {
  /** The service's block of the config, as its `optionsSchema` returned it. */
  readonly options: Options;
  /** The folder of the config file: where relative paths in the options start from. */
  readonly configFolder: string;
  readonly log: ServiceLog;
  /** Aborts when a stop begins. Items that run are let finish, for some seconds: what only waits may end here. */
  readonly stopping: AbortSignal;
  /** Aborts when the service is stopped and no item runs any longer, before `onStop`. */
  readonly signal: AbortSignal;
  readonly state: KeptState;
  readonly live: LiveView;
  /** The older name of `live`. */
  readonly session: LiveView;
  readonly #context: ServiceContext<Options>;

  /** A service with a constructor of its own passes on what it was given. */
  constructor(context: ServiceContext<Options>) {
    if (context === undefined) {
      throw new TypeError(
        "BaseQueueService was constructed without its context: write constructor(context) { super(context); … }",
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
  }

  /** Its own folder, `data/SLUG` beside the config, absolute: made when first asked for. Throws a `UserError`. */
  get folder(): string {
    return this.#context.data.folder;
  }

  /**
   * Opens `data.db` in its folder, an SQLite database of its own, brought up to date by the migrations: each is run
   * once, in this order, in a transaction. Those that were released stay as they are, and new ones follow them. It
   * is closed after `onStop`. What is written to it is not undone where an item fails, and an item may come twice:
   * give writes a key, as the item's id. Throws a `UserError` where it cannot be opened, or knows more migrations.
   */
  database(migrations: readonly Migration[]): DatabaseSync {
    return this.#context.data.database(migrations);
  }

  /**
   * Makes an event outside of an item, as from a timer or a game; in an item use `item.emit`, so that a failed item
   * emits nothing. Resolves when the event is stored, or one of this id was within 24 hours. Rejects as `item.emit`
   * throws, and where several lives are open and none is named.
   */
  emit<Type extends string>(
    type: Type,
    data: EmittedData<Type>,
    options: EmitOptions & LiveOptions = {},
  ): Promise<void> {
    return this.#context.emit(type, data, options);
  }

  /**
   * Runs `run` every so many seconds, until the returned function is called or the service is stopped: then before
   * `onStop`; at most 1,000 of them. Never twice at once: what is due while it still runs is left out. A throw is logged.
   */
  every(seconds: number, run: () => void | Promise<void>): () => void {
    return this.#context.every(seconds, run);
  }

  /**
   * Shows a pane of this title on the screen, in place of the one before; one without lines goes. At most 20 panes,
   * of 50 lines; the title has at most 40 letters. It may be called often: the screen gets the last, ten times a second.
   * A pane's `keys` are told to `onKeyPressed`.
   */
  show(pane: Pane): void {
    this.#context.show(pane);
  }

  /** Before the first item. A throw fails the start, which is tried again later. */
  onStart(): void | Promise<void> {}

  /** Before each item. A throw fails the item. */
  onEventReceived(_event: LiveEvent, _item: QueueItem): void | Promise<void> {}

  /** Does the work: true is success, false or a throw a failure. */
  abstract processEvent(event: LiveEvent, item: QueueItem): boolean | Promise<boolean>;

  /** After each item, whatever came of it. A throw is logged and changes nothing. */
  onEventProcessed(_event: LiveEvent, _item: QueueItem, _isSuccess: boolean): void | Promise<void> {}

  /** One of its pane's `keys` was pressed on the screen. A throw is logged. */
  onKeyPressed(_press: { pane: string; key: string }): void | Promise<void> {}

  /** At an orderly stop, after the last item; it has two seconds. A throw is logged. */
  onStop(): void | Promise<void> {}
}
