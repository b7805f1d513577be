/**
 * All that the screen knows of the rest: what it shows (`Snapshot`), what it may do (`Action`) and what it may
 * ask (`Query`). Plain, clonable data, so that the pipeline could have a thread of its own. The app implements it.
 */
import type { EventType, LiveEvent } from "./event.ts";

/** Where the connection stands; times are Unix milliseconds, `why` whole sentences. The same as a source's. */
export type ConnectionView =
  | { phase: "idle" }
  | { phase: "looking_up"; username: string }
  | { phase: "connecting"; username: string }
  | { phase: "live"; username: string; title: string; since: number }
  | { phase: "waiting"; username: string; why: string; nextAt: number }
  | { phase: "reconnecting"; username: string; why: string; attempt: number; nextAt: number }
  | { phase: "ended"; username: string; why: string };

/** One line of the events pane. A streak is one line, with the values of its last event and the time of its first. */
export interface EventLine {
  /** `live_event.id` of its last event. */
  id: number;
  /** Unix milliseconds; of a streak's first event that is known. */
  at: number;
  type: EventType;
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

export type ServicePhase =
  | "starting"
  | "running"
  | "paused"
  | "backing off"
  | "switched off"
  | "stopping"
  | "stopped"
  | "stuck"
  | "not processed";

/** Half of a time's samples lie under p50, 19 of 20 under p95; milliseconds, null without samples. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
}

export interface ServiceView {
  slug: string;
  name: string;
  phase: ServicePhase;
  /** Why it is backing off or switched off; "" else. */
  why: string;
  /** When a restart is due; null where none is. */
  nextAt: number | null;
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
  /** When its worker became ready; null where there is none. */
  startedAt: number | null;
  lastHeartbeatAt: number | null;
  /** What its code holds in memory, at the last heartbeat; null where it is not known. */
  memoryBytes: number | null;
  /** Part of the last ten seconds in which at least one item was in its hands, 0 to 1. */
  busy: number;
}

export interface Snapshot {
  /** When it was taken. */
  at: number;
  connection: ConnectionView;
  /** There is, or is about to be, a live that is captured. */
  hasSource: boolean;
  session: { id: number; startedAt: number } | null;
  viewers: number | null;
  totals: { likes: number; diamonds: number; follows: number };
  /** Stored in this run. */
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
  /** The config's mistake that keeps the old settings in force; null where there is none. */
  configError: string | null;
}

/** What the test event says; empty where the type has no such thing. */
export interface TestEvent {
  type: EventType;
  amount: number;
  text: string;
}

export type Action =
  /** `slug` null: all services. */
  | { kind: "pause"; slug: string | null }
  | { kind: "resume"; slug: string | null }
  | { kind: "restart"; slug: string }
  /** Discards all pending items. */
  | { kind: "empty"; slug: string }
  /** Puts failed or discarded items back. */
  | { kind: "retry"; slug: string; status: "failed" | "discarded" }
  | { kind: "retry_item"; itemId: number }
  | { kind: "send_test_event"; event: TestEvent }
  /** Starts a user's live, or leaves the present one for it. */
  | { kind: "switch_user"; username: string }
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
  status: "pending" | "processing" | "completed" | "failed" | "discarded";
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
  type: EventType;
  isEnabled: boolean;
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  streaks: "each" | "final";
}

export type Query =
  /** A page of the current session's events before an id (null: the latest), newest last. */
  | { kind: "events"; before: number | null; limit: number; type: EventType | null; text: string }
  | { kind: "event"; id: number }
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
  : ServiceDetail;

export interface Control {
  /** Cheap: called several times a second. */
  snapshot(): Snapshot;
  /** Never rejects for a user's mistake: that is an `ActionResult` with `isError`. */
  dispatch(action: Action): Promise<ActionResult>;
  query<Asked extends Query>(query: Asked): Promise<Answer<Asked>>;
}
