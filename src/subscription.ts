/** A service's setting for one event type: what it gets, and how. */
export interface Subscription {
  isEnabled: boolean;
  /** 1 to 10, 10 first. */
  priority: number;
  /** Handled beside others; else nothing more is taken until it ends. */
  isAsync: boolean;
  /** May be thrown out of a full queue for an event of higher priority. */
  isDiscardable: boolean;
  /** One item per event that adds something, or one per streak when it has ended. */
  streaks: "each" | "final";
  /** Names of the sources whose events it gets; left out: all. */
  sources?: readonly string[];
}

/** By event type; `"*"` is for every type that has none of its own. */
export type Subscriptions = Partial<Record<string, Subscription>>;

/** The type that stands for all others in a service's subscriptions. */
export const everyType = "*";

/** The subscription that an event of this type falls under; undefined where there is none. */
export function subscriptionTo(type: string, subscriptions: Subscriptions): Subscription | undefined {
  return subscriptions[type] ?? subscriptions[everyType];
}
