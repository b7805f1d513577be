/** Gives each event to every service that subscribes to its type, under that service's admission rules. */
import type { LiveEvent } from "../event.ts";
import { type Subscriptions, subscriptionTo } from "../subscription.ts";
import type { QueuedItem } from "../item.ts";
import type { ServiceQueue } from "../queue/service_queue.ts";

export interface Subscriber {
  serviceId: number;
  queue: ServiceQueue;
  subscriptions: Subscriptions;
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
  | { queue: ServiceQueue; item: QueuedItem; outcome: "queued"; evicted: QueuedItem | null }
  | { queue: ServiceQueue; item: QueuedItem; outcome: "queue_full" };

export class EventDispatcher {
  /** Active services only, in the order in which an event's items are numbered. Replace it to change it. */
  subscribers: readonly Subscriber[] = [];
  #nextItemId: number;

  /** `nextItemId`: the highest `event_queue.id` + 1. */
  constructor(nextItemId: number) {
    this.#nextItemId = nextItemId;
  }

  /** `emittedBy`: the id of the service that made the event; it does not get it. Decides at once, in memory; the caller stores the decisions in this order and commits the queued items. */
  dispatch(event: LiveEvent, occasion: Occasion, emittedBy: number | null = null): Decision[] {
    const decisions: Decision[] = [];
    for (const { serviceId, queue, subscriptions } of this.subscribers) {
      const subscription = subscriptionTo(event.type, subscriptions);
      if (!subscription?.isEnabled || serviceId === emittedBy) continue;
      if (subscription.sources?.includes(event.source) === false) continue;
      const count = subscription.streaks === "each" ? occasion.added : occasion.ended;
      if (count === null) continue;
      const item: QueuedItem = {
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
