/**
 * All that a face (the screen, the plain log, a page) knows of the rest: what it shows (`Snapshot`, `RunReport`),
 * what it may do (`Action`) and what it may ask (`Query`). Plain, clonable data, so that the pipeline could have a
 * thread of its own. The app implements it. Moments (`at`) are Unix milliseconds, for display alone; what runs is
 * told as a span in milliseconds, measured by a clock that nobody sets.
 */
import type { EventType, LiveEvent, UserRole } from "./event.ts";
import type { ItemsAsked, ItemStatus } from "./item.ts";
import type { CaptureCounts, LiveTotals } from "./live.ts";
import type { Pane, PaneKey } from "./pane.ts";
import type { ServiceState } from "./service_state.ts";

/** Where a connection stands; `why` is whole sentences. `inMs` is until the next try, `forMs` since it is live. */
export type ConnectionView =
  | { phase: "idle" }
  | { phase: "looking_up"; username: string }
  | { phase: "connecting"; username: string }
  /** Waits to be called, as a webhook: `title` says where. */
  | { phase: "listening"; title: string }
  | { phase: "live"; username: string; title: string; forMs: number }
  | { phase: "waiting"; username: string; why: string; inMs: number }
  | { phase: "reconnecting"; username: string; why: string; attempt: number; inMs: number }
  | { phase: "ended"; username: string; why: string };

/** A source of this run, and how its live goes. */
export interface SourceView {
  /** A key of the config's `sources`, "replay:FILE" or "demo". */
  name: string;
  /** As "tiktok". */
  type: string;
  /** Whose live it captures, without the @; null where it has nobody, or nobody yet. */
  user: string | null;
  connection: ConnectionView;
  /** The open one; `startedAt` is a moment. */
  session: { id: number; startedAt: number } | null;
  /** Its live, or the last one there was; null before the first. Sources may share one. */
  liveId: number | null;
  /** Viewers now; null where it is not known. */
  viewers: number | null;
  /** Of that live. */
  totals: LiveTotals;
  /** Events stored in this run. */
  storedCount: number;
}

/** One line of the events pane. A streak is one line, with the values of its last event and the time of its first. */
export interface EventLine {
  /** `live_event.id` of its last event. */
  id: number;
  /** Of a streak's first event that is known. */
  at: number;
  /** One of Livecue's, or of those that services emit. */
  type: string;
  /** The name of the source that it came by. */
  source: string;
  /** Sent to try things out: the text says so as well. */
  isTest: boolean;
  /** As "🎁 Ana sent Rose ×5": clean, without line breaks. */
  text: string;
  streakId: string | null;
}

export interface LogLine {
  /** Counts up over the run. */
  id: number;
  at: number;
  level: "info" | "warn" | "error";
  from: string;
  text: string;
}

/** Half of a time's samples lie under p50, 19 of 20 under p95; milliseconds, null without samples. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
}

/** A service of this run; counts are of the run. */
export interface ServiceView extends ServiceState {
  slug: string;
  name: string;
  pending: number;
  maxQueueSize: number;
  /** In the worker's hands. */
  inFlight: number;
  completed: number;
  failed: number;
  discarded: number;
  /** Items ended a second, over the last ten. */
  rate: number;
  /** From queued to handed out, of the last few hundred items. */
  wait: Percentiles;
  /** From handed out to ended. */
  run: Percentiles;
  /** Queue depth, one value a second, the newest last. */
  depths: number[];
  restarts: number;
  /** Since its worker became ready; null where there is none. */
  upMs: number | null;
  /** Since its worker's last sign of life; null before the first. */
  heartbeatMs: number | null;
  /** What its code holds in memory, at the last heartbeat; null where it is not known. */
  memoryBytes: number | null;
  /** Part of the last ten seconds in which at least one item was in its hands, 0 to 1. */
  busy: number;
  /** What it shows of itself. */
  panes: Pane[];
}

export interface Snapshot {
  /** Since some moment before the first one: two of them tell how much later the one was taken. */
  takenMs: number;
  /** In the config's order. */
  sources: SourceView[];
  /** Names of the sources that can be sent to a user's live. In a demo or a replay they are not among the above. */
  switchable: string[];
  /** Stored in this run, over all sources. */
  eventCount: number;
  /** Events a second, one value a second over the last minutes, the newest last. */
  rates: number[];
  /** The latest, the newest last. */
  events: EventLine[];
  services: ServiceView[];
  /** The latest warnings and errors (and what services say), the newest last. */
  log: LogLine[];
  /** Set while stopping: what is waited for, as short sentences. */
  stopping: string[] | null;
  /** What keeps events from being stored at once, and what that has cost, as a sentence; null where nothing does. */
  strain: string | null;
  /** The config's mistake that keeps the old settings in force; null where there is none. */
  configError: string | null;
}

/** A service that an orderly end did not wait for any longer. */
export interface HeldUp {
  slug: string;
  pending: number;
  inFlight: number;
  /** How long nothing of it had ended. */
  forMs: number;
}

/** How a run went, when it is over; the services stand as they did before they were stopped. */
export interface RunReport {
  captured: CaptureCounts;
  sources: SourceView[];
  services: ServiceView[];
  heldUp: HeldUp[];
  /** Why a source could not go on, as a sentence; null where all ended well. */
  failure: string | null;
}

/** An event to try things out with. What its type has no use for is not looked at; "" is the usual. */
export interface TestEvent {
  type: EventType;
  /** The source whose live it is for; null: the first. */
  source: string | null;
  /** How many gifts or likes, which month of a subscription, how many cents. */
  amount: number;
  text: string;
  gift: { name: string; diamonds: number };
  user: { name: string; roles: UserRole[] };
}

export type Action =
  /** `slug` null: all services. */
  | { kind: "pause"; slug: string | null }
  | { kind: "resume"; slug: string | null }
  | { kind: "restart"; slug: string }
  /** A key of a service's pane. */
  | { kind: "press"; slug: string; pane: string; key: PaneKey }
  /** Discards all pending items; `asked` is how many it was asked about. */
  | { kind: "empty"; slug: string; asked: number }
  /** Puts the failed or discarded items back that were asked about. */
  | { kind: "retry"; slug: string; status: "failed" | "discarded"; asked: ItemsAsked }
  | { kind: "retry_item"; itemId: number }
  | { kind: "send_test_event"; event: TestEvent }
  /** Has a source capture a user's live, in place of the present one; `source` null: the first that can. */
  | { kind: "switch_user"; source: string | null; username: string }
  | { kind: "start_demo" }
  /** Stops in order; a second one stops at once. */
  | { kind: "quit" };

/** What became of an action, as a sentence for the status line; `isError` in red. */
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
  /** The error with its stack, or the reason of a discard; "" else. */
  why: string;
}

export interface SubscriptionLine {
  /** "*" for all that have none of their own. */
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
  /**
   * A page of the events of the sources' present lives before an id (null: the latest), newest last.
   * `source` null: of all sources.
   */
  | {
    kind: "events";
    before: number | null;
    limit: number;
    source: string | null;
    type: string | null;
    text: string;
  }
  | { kind: "event"; id: number }
  /** How many of a service's items have ended so by now, in whatever run. */
  | { kind: "items"; slug: string; status: "failed" | "discarded" }
  | { kind: "service"; slug: string };

export interface EventsPage {
  kind: "events";
  events: EventLine[];
  /** There are older ones. */
  hasMore: boolean;
}

export interface EventDetail {
  kind: "event";
  /** null where it is gone. */
  event: LiveEvent | null;
  items: ItemLine[];
}

export interface ItemsCount {
  kind: "items";
  asked: ItemsAsked;
}

export interface ServiceDetail {
  kind: "service";
  subscriptions: SubscriptionLine[];
  /** In the order in which they would be taken; at most 200. */
  pending: ItemLine[];
  /** The latest first; at most 20. */
  failures: ItemLine[];
  log: LogLine[];
}

export type Answer<Asked extends Query = Query> = Asked extends { kind: "events" } ? EventsPage
  : Asked extends { kind: "event" } ? EventDetail
  : Asked extends { kind: "items" } ? ItemsCount
  : ServiceDetail;

export interface Control {
  /** Cheap: called several times a second. */
  snapshot(): Snapshot;
  /** Calls `listener` whenever a snapshot may differ from the last one, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Never rejects for a user's mistake: that is an `ActionResult` with `isError`. */
  dispatch(action: Action): Promise<ActionResult>;
  query<Asked extends Query>(query: Asked): Promise<Answer<Asked>>;
}
