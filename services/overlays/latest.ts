/** The latest gift, follow and subscription of a live, for a page that shows each until the next one. */
import type { OverlayEvent } from "./messages.ts";

const types: readonly string[] = ["GiftEvent", "FollowEvent", "SubscribeEvent"];

export class Latest {
  readonly #events = new Map<string, OverlayEvent>();

  /** `kept`: the events of an earlier run. */
  constructor(kept: readonly OverlayEvent[] = []) {
    for (const event of kept) this.#events.set(event.type, event);
  }

  get events(): OverlayEvent[] {
    return [...this.#events.values()];
  }

  /** Returns whether the event is the latest of its type. Tests and gifts to guests are not. */
  add(event: OverlayEvent): boolean {
    if (event.isTest || event.receiver !== "" || !types.includes(event.type)) return false;
    const before = this.#events.get(event.type);
    // Priorities and retries may change the order of events.
    if (before !== undefined && before.id >= event.id) return false;
    this.#events.set(event.type, event);
    return true;
  }
}
