/**
 * Everything that a face (the screen, the plain log, a page) knows of the app: what it shows (`Snapshot`,
 * `RunReport`), what it may do (`Action`) and what it may ask (`Query`). All of it is plain, cloneable data, so that
 * the pipeline could run in its own thread. The app implements it. Times (`at`) are Unix milliseconds, only for
 * display; durations are in milliseconds, measured by the monotonic clock.
 */
import type { ChannelLine, ChartMark, ChartPoint, ChartSpan } from "./channel_view.ts";
import type { EventAnswer, EventLine, EventQuery } from "./event_view.ts";
import type { EventType, LiveEvent, UserRole } from "./event.ts";
import type { GiftOrder, KnownGift } from "./gift.ts";
import type { ItemsAsked, ItemStatus } from "./item.ts";
import type { CaptureCounts, LiveTotals } from "./live.ts";
import type { Pane, PaneKey } from "./pane.ts";
import type { PlaybackDeed, PlaybackView } from "./playback.ts";
import type { ScreenSettings } from "./screen_settings.ts";
import type { ServiceState } from "./service_state.ts";
import type { SessionAnswer, SessionQuery } from "./session_view.ts";
import type { ViewerMark } from "./viewer.ts";
import type { ViewerDetail } from "./viewer_view.ts";
import type { StepProgress, StepStatus } from "./step.ts";

/**
 * The state of a connection. `why` has complete sentences; `inMs` is the time until the next try, `forMs` the time
 * since it is live.
 */
export type ConnectionView =
  | { phase: "idle" }
  | { phase: "looking_up"; username: string }
  | { phase: "connecting"; username: string }
  /** Waits for requests, as a webhook does; `title` says where. */
  | { phase: "listening"; title: string }
  | { phase: "live"; username: string; title: string; forMs: number }
  | { phase: "waiting"; username: string; why: string; inMs: number }
  | { phase: "reconnecting"; username: string; why: string; attempt: number; inMs: number }
  | { phase: "ended"; username: string; why: string };

/** The readings of a source in this run: how many, how many per second lately, and the time since the last one. */
export interface ReadingsView {
  count: number;
  perSecond: number;
  sinceMs: number;
}

/** A source of this run, and the state of its live. */
export interface SourceView {
  /** A key of the config's `sources`, "replay:FILE" or "demo". */
  name: string;
  /** The type of source, as "tiktok". */
  type: string;
  /** Whose live it captures, without the @; null if it has nobody, or nobody yet. */
  user: string | null;
  connection: ConnectionView;
  /** The open session; `startedAt` is in Unix milliseconds. */
  session: { id: number; startedAt: number } | null;
  /** Its live, or its last one; null before the first. Sources may share a live. */
  liveId: number | null;
  /** Viewers now; null if unknown. */
  viewers: number | null;
  /** Totals of that live. */
  totals: LiveTotals;
  /** Events stored in this run. */
  storedCount: number;
  /** Its readings; null if it brought none. */
  readings: ReadingsView | null;
  /** How its recording is played; null if it plays none. */
  playback: PlaybackView | null;
}

export interface LogLine {
  /** Increases during the run. */
  id: number;
  at: number;
  level: "info" | "warn" | "error";
  from: string;
  text: string;
}

/** The median and the 95th percentile of a duration in milliseconds; null without samples. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
}

/** What keeps a service from its work, as a sentence, and for how long. */
export interface TroubleView {
  text: string;
  forMs: number;
}

/** A service of this run. Counts are for this run. */
export interface ServiceView extends ServiceState {
  slug: string;
  name: string;
  /** The host that runs it; null: this machine. */
  runsOn: string | null;
  pending: number;
  maxQueueSize: number;
  /** Items that the worker has. */
  inFlight: number;
  completed: number;
  failed: number;
  discarded: number;
  /** What holds now, apart from its phase: what it reports itself, and a queue that is full. */
  troubles: TroubleView[];
  /** Finished items per second, over the last ten seconds. */
  rate: number;
  /** The time from queueing to the hand-out, over the last few hundred items. */
  wait: Percentiles;
  /** The time from the hand-out to the end. */
  run: Percentiles;
  /** Queue depth, one value per second, newest last. */
  depths: number[];
  restarts: number;
  /** Time since its worker became ready; null without a worker. */
  upMs: number | null;
  /** Time since its worker's last heartbeat; null before the first. */
  heartbeatMs: number | null;
  /** The memory that its code used at the last heartbeat; null if unknown. */
  memoryBytes: number | null;
  /** The fraction of the last ten seconds, 0 to 1, in which it had at least one item. */
  busy: number;
  /** The panes that it shows on the screen. */
  panes: Pane[];
  /** Of the docs; null for a service that does not come with Livecue. */
  page: string | null;
}

export interface Snapshot {
  /** When it was taken, in milliseconds since some earlier moment: for differences between snapshots. */
  takenMs: number;
  /** In the config's order. */
  sources: SourceView[];
  /** Names of the sources that can switch to a user's live. In a demo or a replay they are not in `sources`. */
  switchable: string[];
  /** Events stored in this run, over all sources. */
  eventCount: number;
  /** Events per second, one value per second over the last minutes, newest last. */
  rates: number[];
  /** The latest events, newest last. */
  events: EventLine[];
  services: ServiceView[];
  /** Of the newest item of all services. */
  newestItemId: number;
  /** The latest warnings, errors and messages of services, newest last. */
  log: LogLine[];
  /** There are channels of readings, of this run or of an earlier one. */
  hasChannels: boolean;
  /** What a stop is waiting for, as short sentences; null unless stopping. */
  stopping: string[] | null;
  /** Why events are not stored immediately, and what was lost, as a sentence; null if all is well. */
  strain: string | null;
  /** The users whose lives were captured last, the latest first. */
  recentUsers: readonly string[];
  /** What the config says about the screen. The same object until it changes. */
  settings: ScreenSettings;
  /** The mistake in the config that keeps the old settings in effect; null if there is none. */
  configError: string | null;
}

/** A service that an orderly end gave up waiting for. */
export interface HeldUp {
  slug: string;
  pending: number;
  inFlight: number;
  /** How long it had finished no item. */
  forMs: number;
}

/** How a finished run went. The services' states are from before they were stopped. */
export interface RunReport {
  captured: CaptureCounts;
  /** How many events services emitted. They are stored, too. */
  emitted: number;
  sources: SourceView[];
  services: ServiceView[];
  heldUp: HeldUp[];
  /** Why a source failed, as a sentence; null if none did. */
  failure: string | null;
}

/** A test event. Fields that its type does not use are ignored; "" means the default. */
export interface TestEvent {
  type: EventType;
  /** The source whose live gets it; null: the first. */
  source: string | null;
  /** The number of gifts or likes, the month of a subscription, or cents. */
  amount: number;
  text: string;
  /** `id`: of several gifts with this name, this one. `diamonds` null: its true price. */
  gift: { name: string; diamonds: number | null; id?: number };
  user: { name: string; roles: UserRole[] };
}

export type Action =
  /** `slug` null: all services. */
  | { kind: "pause"; slug: string | null }
  | { kind: "resume"; slug: string | null }
  | { kind: "restart"; slug: string }
  /** A key of a service's pane. */
  | { kind: "press"; slug: string; pane: string; key: PaneKey }
  /** Discards the pending items that the user confirmed. */
  | { kind: "empty"; slug: string; asked: ItemsAsked }
  /** Puts back the failed or discarded items that the user confirmed. */
  | { kind: "retry"; slug: string; status: "failed" | "discarded"; asked: ItemsAsked }
  /** Puts back these items, as far as they are failed or discarded. */
  | { kind: "retry_items"; itemIds: number[] }
  | { kind: "send_test_event"; event: TestEvent }
  /** Switches a source to a user's live; `source` null: the first that can switch. */
  | { kind: "switch_user"; source: string | null; username: string }
  /** Offers this user no longer. */
  | { kind: "forget_user"; username: string }
  /** Writes a note about a viewer, or blocks or unblocks one. */
  | { kind: "mark_viewer"; mark: ViewerMark }
  | { kind: "start_demo" }
  /** Opens the page to write rules. */
  | { kind: "open_desk" }
  /** Plays a source's recording in another way. */
  | { kind: "play"; source: string; deed: PlaybackDeed }
  /** Stops in order; a second one stops immediately. */
  | { kind: "quit" };

/** The result of an action, as a sentence for the status line; red if `isError`. */
export interface ActionResult {
  text: string;
  isError: boolean;
}

export interface ItemLine {
  id: number;
  serviceSlug: string;
  status: ItemStatus;
  priority: number;
  attempts: number;
  queuedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** The event, as in `EventLine.text`. */
  text: string;
  /** The error with its stack, or the reason for a discard; otherwise "". */
  why: string;
}

/** An item of an event, with its durable steps in the order in which they began. */
export interface ReceivedItem extends ItemLine {
  steps: StepLine[];
}

/** A durable step of an item. */
export interface StepLine {
  name: string;
  status: StepStatus;
  /** Tries begun. */
  attempts: number;
  /** Of its last try; null while it waits. */
  durationMs: number | null;
  /** Time until a waiting step goes on; null if it goes on as soon as its service gets the item again, or never. */
  inMs: number | null;
  progress: StepProgress | null;
  /** The error of its last failed try with its stack, or "". */
  why: string;
}

export interface SubscriptionLine {
  /** "*": all types without their own subscription. */
  type: string;
  isEnabled: boolean;
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  streaks: "each" | "final";
  /** Names of the sources whose events it gets; null: all. */
  sources: string[] | null;
}

export type Query =
  | EventQuery
  | { kind: "event"; id: number }
  /** A page of the gifts with this text, of all lives or of a past session; `order` null: the likeliest meant first; `isAll`: also those not seen yet. */
  | {
    kind: "gifts";
    text: string;
    order: GiftOrder | null;
    isAll: boolean;
    session: number | null;
    first: number;
    limit: number;
  }
  | SessionQuery
  /** How many of a service's items have this status, over all runs. */
  | { kind: "items"; slug: string; status: "failed" | "discarded" }
  | { kind: "service"; slug: string }
  /** The viewer who caused an event. */
  | { kind: "viewer"; eventId: number }
  /** A page of the channels by source and item: those whose name, item, unit or source has the text. */
  | { kind: "channels"; text: string; first: number; limit: number }
  /** A channel with its chart of at most `points` points. */
  | { kind: "channel"; source: string; item: string; span: ChartSpan; points: number };

export interface EventDetail {
  kind: "event";
  /** null if it no longer exists. */
  event: LiveEvent | null;
  items: ReceivedItem[];
  /** The streak that the event belongs to; null if it is the only event of its streak, or belongs to none. */
  streak: StreakDetail | null;
}

/** A streak with what services did with each of its events. */
export interface StreakDetail {
  /** How many events it has so far. */
  count: number;
  /** Of very many only the latest, in order. */
  events: StreakEvent[];
}

export interface StreakEvent {
  id: number;
  at: number;
  /** Gifts or likes so far. */
  total: number;
  /** What this event added. */
  added: number;
  hasEnded: boolean;
  items: ReceivedItem[];
}

export interface GiftsPage {
  kind: "gifts";
  /** How many gifts have the text. */
  count: number;
  lines: KnownGift[];
}

export interface ItemsCount {
  kind: "items";
  asked: ItemsAsked;
  /** How many more items its queue takes; null: any number. */
  room: number | null;
}

export interface ServiceDetail {
  kind: "service";
  subscriptions: SubscriptionLine[];
  /** Items that its worker has; at most 20. */
  running: ReceivedItem[];
  /** In the order in which they will be handled; at most 200. */
  pending: ItemLine[];
  /** Latest first; at most 20. */
  failures: ItemLine[];
  log: LogLine[];
}

export interface ChannelsPage {
  kind: "channels";
  /** How many channels have the text. */
  count: number;
  lines: ChannelLine[];
}

export interface ChannelDetail {
  kind: "channel";
  /** null if there is no such channel. */
  line: ChannelLine | null;
  /** The span, in Unix milliseconds. */
  from: number;
  to: number;
  /** In order of time. */
  points: ChartPoint[];
  /** The detections within the span, in order of time. */
  marks: ChartMark[];
}

export type Answer<Asked extends Query = Query> = Asked extends EventQuery ? EventAnswer<Asked>
  : Asked extends SessionQuery ? SessionAnswer<Asked>
  : Asked extends { kind: "event" } ? EventDetail
  : Asked extends { kind: "gifts" } ? GiftsPage
  : Asked extends { kind: "items" } ? ItemsCount
  : Asked extends { kind: "viewer" } ? ViewerDetail
  : Asked extends { kind: "channels" } ? ChannelsPage
  : Asked extends { kind: "channel" } ? ChannelDetail
  : ServiceDetail;

export interface Control {
  /** Cheap: called several times a second. */
  snapshot(): Snapshot;
  /** Calls `listener` whenever a snapshot may differ from the last one, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Does not reject for a user's mistake, but resolves to an `ActionResult` with `isError`. */
  dispatch(action: Action): Promise<ActionResult>;
  query<Asked extends Query>(query: Asked): Promise<Answer<Asked>>;
}
