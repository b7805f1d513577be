/** Gives each event to every service that subscribes to its type, under that service's admission rules. */
import type { LiveEvent } from "../event.ts";
import { type Subscription, type Subscriptions, subscriptionTo } from "../subscription.ts";
import type { QueuedItem } from "../item.ts";
import type { Admission, ServiceQueue } from "../queue/service_queue.ts";

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
export type Decision = Admission & { queue: ServiceQueue; item: QueuedItem };

/** A subscriber under one of its subscriptions. */
interface Recipient {
  subscriber: Subscriber;
  subscription: Subscription;
}

export class EventDispatcher {
  #subscribers: readonly Subscriber[] = [];
  /** By event type, as far as types have come: with many services, few of them get a type. */
  readonly #recipients = new Map<string, readonly Recipient[]>();
  #nextItemId: number;

  /** `nextItemId`: the highest `event_queue.id` + 1. */
  constructor(nextItemId: number) {
    this.#nextItemId = nextItemId;
  }

  /** Active services only, in the order in which an event's items are numbered. Set it anew whenever a subscription changes. */
  set subscribers(subscribers: readonly Subscriber[]) {
    this.#subscribers = subscribers;
    this.#recipients.clear();
  }

  /** `emittedBy`: the id of the service that made the event; it does not get it. Decides at once, in memory; the caller stores the decisions in this order and commits the items. */
  dispatch(event: LiveEvent, occasion: Occasion, emittedBy: number | null = null): Decision[] {
    const decisions: Decision[] = [];
    for (const { subscriber: { serviceId, queue }, subscription } of this.#recipientsOf(event.type)) {
      if (serviceId === emittedBy || subscription.sources?.includes(event.source) === false) continue;
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
        queuedAt: null,
      };
      decisions.push({ queue, item, ...queue.admit(item) });
    }
    return decisions;
  }

  #recipientsOf(type: string): readonly Recipient[] {
    let recipients = this.#recipients.get(type);
    if (recipients === undefined) {
      recipients = this.#subscribers.flatMap((subscriber) => {
        const subscription = subscriptionTo(type, subscriber.subscriptions);
        return subscription?.isEnabled ? [{ subscriber, subscription }] : [];
      });
      this.#recipients.set(type, recipients);
    }
    return recipients;
  }
}
