/** Gives each event to every service that subscribes to its type, under that service's admission rules. */
import type { EventType, LiveEvent } from "../event.ts";
import type { QueueItem } from "./queue_item.ts";
import type { ServiceQueue } from "./service_queue.ts";

/** A service's setting for one event type. */
export interface Subscription {
  isEnabled: boolean;
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  streaks: "each" | "final";
}

export interface Subscriber {
  serviceId: number;
  queue: ServiceQueue;
  subscriptions: Partial<Record<EventType, Subscription>>;
}

/** What an event is in its streak, as counts; null where it is no such thing. Without a streak it is both, once. */
export interface Occasion {
  /** What it adds: for subscriptions with `streaks: "each"`. */
  added: number | null;
  /** The whole of the streak that it closes, or what it adds to a closed one: for `streaks: "final"`. */
  ended: number | null;
}

/** What became of one new item, for the database. */
export type Decision =
  | { queue: ServiceQueue; item: QueueItem; outcome: "queued"; evicted: QueueItem | null }
  | { queue: ServiceQueue; item: QueueItem; outcome: "queue_full" };

export class EventDispatcher {
  /** Active services only, in the order in which an event's items are numbered. Replace it to change it. */
  subscribers: readonly Subscriber[] = [];
  #nextItemId: number;

  /** `nextItemId`: the highest `event_queue.id` + 1. */
  constructor(nextItemId: number) {
    this.#nextItemId = nextItemId;
  }

  /** Decides at once, in memory; the caller stores the decisions in this order and commits the queued items. */
  dispatch(event: LiveEvent, occasion: Occasion): Decision[] {
    const decisions: Decision[] = [];
    for (const { serviceId, queue, subscriptions } of this.subscribers) {
      const subscription = subscriptions[event.type];
      if (!subscription?.isEnabled) continue;
      const count = subscription.streaks === "each" ? occasion.added : occasion.ended;
      if (count === null) continue;
      const item: QueueItem = {
        id: this.#nextItemId++,
        serviceId,
        event,
        priority: subscription.priority,
        isAsync: subscription.isAsync,
        isDiscardable: subscription.isDiscardable,
        count,
        attempts: 0,
        failures: 0,
        crashes: 0,
        notBefore: null,
      };
      decisions.push({ queue, item, ...queue.admit(item) });
    }
    return decisions;
  }
}
