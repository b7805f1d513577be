/** A service's settings for one event type: what it gets, and how. */
export interface Subscription {
  isEnabled: boolean;
  /** 1 to 10, 10 first. */
  priority: number;
  /** Handled in parallel with others. Otherwise the service starts nothing else until the item has ended. */
  isAsync: boolean;
  /** May be evicted from a full queue for an event of higher priority. */
  isDiscardable: boolean;
  /** "each": one item per event that adds something; "final": one per streak, when it has ended. */
  streaks: "each" | "final";
  /** Names of the sources whose events it gets; absent: all. */
  sources?: readonly string[];
}

/** By event type; `"*"` is for every type without its own subscription. */
export type Subscriptions = Partial<Record<string, Subscription>>;

/** The key for all other types in a service's subscriptions. */
export const everyType = "*";

/** The subscription that applies to an event of this type; undefined if there is none. */
export function subscriptionTo(type: string, subscriptions: Subscriptions): Subscription | undefined {
  return subscriptions[type] ?? subscriptions[everyType];
}
