/**
 * All that the author of a service imports, as "livecue/service".
 *
 * A service module exports by default a class extending `BaseQueueService`, and may export `optionsSchema`
 * to have its options checked before it starts.
 */
import type { LiveEvent } from "../event.ts";
import type { LiveTotals, TopUser } from "../live.ts";

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
export type { LiveTotals, LiveTotals as SessionTotals, TopUser } from "../live.ts";

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
  /** The user's first event of this type in the session: of a first streak, the item with which it begins. */
  readonly isFirstOfUser: boolean;
  /** Aborts when the item's time is up, or when the service is stopped over it. */
  readonly signal: AbortSignal;
}

/** Lines go to Livecue's log under the service's slug. So does `console`. */
export interface ServiceLog {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** "session" is emptied with each new session, "service" stays for good. */
export interface StateOptions {
  /** Default "service". */
  scope?: "session" | "service";
}

/** What a service keeps in the database. Values are JSON. */
export interface ServiceState {
  /** undefined where nothing is kept. The type is taken on trust. */
  get<Value = unknown>(key: string, options?: StateOptions): Promise<Value | undefined>;
  /** Resolves when the value is committed; undefined deletes it. */
  set(key: string, value: unknown, options?: StateOptions): Promise<void>;
}

/** The current session's sums, up to the last event that was stored. */
export interface SessionView {
  totals(): Promise<LiveTotals>;
  /** The `count` greatest givers, most diamonds first. */
  top(count: number): Promise<TopUser[]>;
}

/** What Livecue gives a service at its construction. */
export interface ServiceContext<Options = Record<string, unknown>> {
  options: Options;
  configFolder: string;
  log: ServiceLog;
  stopping: AbortSignal;
  signal: AbortSignal;
  state: ServiceState;
  session: SessionView;
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
  readonly state: ServiceState;
  readonly session: SessionView;

  /** A service with a constructor of its own passes on what it was given. */
  constructor(context: ServiceContext<Options>) {
    if (context === undefined) {
      throw new TypeError(
        "BaseQueueService was constructed without its context: write constructor(context) { super(context); … }",
      );
    }
    this.options = context.options;
    this.configFolder = context.configFolder;
    this.log = context.log;
    this.stopping = context.stopping;
    this.signal = context.signal;
    this.state = context.state;
    this.session = context.session;
  }

  /** Before the first item. A throw fails the start, which is tried again later. */
  onStart(): void | Promise<void> {}

  /** Before each item. A throw fails the item. */
  onEventReceived(_event: LiveEvent, _item: QueueItem): void | Promise<void> {}

  /** Does the work: true is success, false or a throw a failure. */
  abstract processEvent(event: LiveEvent, item: QueueItem): boolean | Promise<boolean>;

  /** After each item, whatever came of it. A throw is logged and changes nothing. */
  onEventProcessed(_event: LiveEvent, _item: QueueItem, _isSuccess: boolean): void | Promise<void> {}

  /** At an orderly stop, after the last item; it has two seconds. A throw is logged. */
  onStop(): void | Promise<void> {}
}
