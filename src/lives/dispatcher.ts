/** Gives each event to every service that subscribes to its type, under that service's admission rules. */
import type { LiveEvent } from "../event.ts";
import { type Subscription, type Subscriptions, subscriptionTo } from "../subscription.ts";
import type { Ids } from "../ids.ts";
import type { QueuedItem } from "../item.ts";
import type { Admission, ServiceQueue } from "../queue/service_queue.ts";

export interface Subscriber {
  serviceId: number;
  queue: ServiceQueue;
  subscriptions: Subscriptions;
}

/** An event's counts within its streak; null if one does not apply. An event without a streak has both. */
export interface Occasion {
  /** What the event adds: for subscriptions with `streaks: "each"`. */
  added: number | null;
  /** The total of the streak that the event closes, or what it adds to a closed one: for `streaks: "final"`. */
  ended: number | null;
}

/** The admission decision about one new item, for the database. */
export type Decision = Admission & { queue: ServiceQueue; item: QueuedItem };

/** A subscriber with the subscription that matches. */
interface Recipient {
  subscriber: Subscriber;
  subscription: Subscription;
}

export class EventDispatcher {
  #subscribers: readonly Subscriber[] = [];
  /** A cache by event type: with many services, only a few get each type. */
  readonly #recipients = new Map<string, readonly Recipient[]>();
  readonly #ids: Pick<Ids, "take">;

  constructor(ids: Pick<Ids, "take">) {
    this.#ids = ids;
  }

  /**
   * Only active services, in the order in which an event's items are numbered. Set it again when a subscription
   * changes.
   */
  set subscribers(subscribers: readonly Subscriber[]) {
    this.#subscribers = subscribers;
    this.#recipients.clear();
  }

  /**
   * Decides synchronously, in memory. The caller stores the decisions in this order and commits the items.
   * `exceptFor`: the id of a service that does not get the event.
   */
  dispatch(event: LiveEvent, occasion: Occasion, exceptFor: number | null = null): Decision[] {
    const decisions: Decision[] = [];
    for (const { subscriber: { serviceId, queue }, subscription } of this.#recipientsOf(event.type)) {
      if (serviceId === exceptFor || subscription.sources?.includes(event.source) === false) continue;
      const count = subscription.streaks === "each" ? occasion.added : occasion.ended;
      if (count === null) continue;
      const item: QueuedItem = {
        id: this.#ids.take("item"),
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
