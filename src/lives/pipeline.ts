/**
 * The path of every event to the queues: it gets an id, is stored, counted for its live and dispatched, and every
 * decision is stored. All of this is synchronous and in order of arrival.
 */
import type { Clock } from "../clock.ts";
import { addedBy, type LiveEvent, type Streak } from "../event.ts";
import type { Ids } from "../ids.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { OperationLog } from "../operation.ts";
import type { RunObserver } from "../run_observer.ts";
import type { Decision, EventDispatcher, Occasion } from "./dispatcher.ts";
import type { LiveMemory } from "./live_memory.ts";
import { asEnd } from "./live_session.ts";
import type { Viewers } from "./viewers.ts";

export interface PipelineOptions {
  ids: Ids;
  clock: Clock;
  log: Log;
  operations: OperationLog;
  dispatcher: EventDispatcher;
  viewers: Viewers;
  /** Called for each event that is stored. */
  onEvent?: ((event: LiveEvent) => void) | undefined;
  observer?: Pick<RunObserver, "arrived"> | undefined;
  onDecisions?: (decisions: Decision[]) => void;
}

/** An event with its id, and how to process it. */
export interface Arrival {
  event: LiveEvent;
  memory: LiveMemory | null;
  /** Whether the event closes its streak. */
  closesStreak?: boolean;
  /** The id of a service that does not get the event. Default: every service may get it. */
  exceptFor?: number | null;
  onCommitted?: (() => void) | undefined;
}

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #unknownMethods = new Set<string>();
  #lastEventId: number;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#lastEventId = options.ids.next("event") - 1;
  }

  /** The next event has this id or a higher one. */
  get nextEventId(): number {
    return this.#options.ids.next("event");
  }

  /** The id of the last event of this run, or an id below the first one. */
  get lastEventId(): number {
    return this.#lastEventId;
  }

  takeEventId(): number {
    return this.#lastEventId = this.#options.ids.take("event");
  }

  /** Stores and dispatches an event, both in one transaction. Returns to how many services. */
  take({ event, memory, closesStreak = false, exceptFor = null, onCommitted }: Arrival): number {
    this.#options.observer?.arrived(event);
    this.#options.operations.add({ kind: "insert_event", event }, onCommitted);
    memory?.add(event);
    if (memory !== null) this.#options.viewers.add(event);
    if (event.type === "UnknownEvent") this.#reportUnknown(event.data.method);
    this.#options.onEvent?.(event);
    return event.isHistory ? 0 : this.#dispatch(event, occasionOf(event, closesStreak), exceptFor);
  }

  /** Ends a streak that had no end frame: its last stored event becomes its end. */
  finishStreak(last: LiveEvent): void {
    this.#options.operations.add({ kind: "end_streak", eventId: last.id });
    if (last.isHistory || last.streak === null) return;
    this.#dispatch(asEnd(last as LiveEvent & { streak: Streak }), { added: null, ended: last.streak.count });
  }

  #dispatch(event: LiveEvent, occasion: Occasion, exceptFor: number | null = null): number {
    if (this.#options.viewers.isBlocked(event)) return 0;
    const decisions = this.#options.dispatcher.dispatch(event, occasion, exceptFor);
    if (decisions.length === 0) return 0;
    const at = this.#options.clock.now();
    const last = decisions.length - 1;
    const commit = () => decisions.forEach(commitDecision);
    for (const [index, decision] of decisions.entries()) {
      this.#write(decision, at, index === last ? commit : undefined);
    }
    this.#options.onDecisions?.(decisions);
    return decisions.length;
  }

  #write(decision: Decision, at: number, onCommitted?: () => void): void {
    const { operations } = this.#options;
    const { item, outcome } = decision;
    const { id, serviceId, priority, isAsync, isDiscardable, count } = item;
    const row = {
      id,
      serviceId,
      liveEventId: item.event.id,
      priority,
      isAsync,
      isDiscardable,
      count,
      createdAt: at,
    };
    if (outcome === "queued" && decision.evicted !== null) {
      operations.add({ kind: "discard_item", serviceId, id: decision.evicted.id, reason: "evicted", at });
    }
    operations.add({ kind: "insert_item", row, as: insertedAs[outcome] }, onCommitted);
  }

  #reportUnknown(method: string): void {
    if (this.#unknownMethods.has(method)) return;
    this.#unknownMethods.add(method);
    this.#options.log.info(
      t`Livecue does not know messages of the type ${method} yet. It stores them as UnknownEvent.`,
    );
  }
}

/** An item that starts immediately is written once, as "processing". */
const insertedAs = { claimed: "processing", queued: "pending", queue_full: "discarded" } as const;

/** Called for all items of an event together, because they are committed together. */
function commitDecision({ queue, item, outcome }: Decision): void {
  if (outcome !== "queue_full") queue.commit(item);
}

function occasionOf(event: LiveEvent, isClosed: boolean): Occasion {
  const { streak } = event;
  const amount = addedBy(event);
  if (streak === null) return { added: amount, ended: amount };
  const added = amount > 0 ? amount : null;
  if (isClosed) return { added, ended: streak.count };
  return { added, ended: streak.hasEnded ? added : null };
}
