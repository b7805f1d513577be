/**
 * The rules of streaks and of admission as the documentation has them, over plain lists that are searched anew for each
 * decision. It knows of no part of Livecue's but the shape of a recorded event.
 */
import type { CapturedEvent } from "../../src/source.ts";
import type { SceneService, SceneSubscription } from "./kill_scene.ts";

export interface ModelRow {
  id: number;
  service: string;
  live_event_id: number;
  priority: number;
  is_async: number;
  is_discardable: number;
  count: number;
  status: "pending" | "discarded";
  discard_reason: "evicted" | "queue_full" | null;
}

interface ModelStreak {
  eventId: number;
  count: number;
  seenAt: number;
}

/** What an event adds to its streak, and what its streak has come to where it ends. */
interface Counted {
  added: number;
  ended: number;
}

const idleMs = 10_000;

export class AdmissionModel {
  readonly rows: ModelRow[] = [];
  readonly #services: readonly SceneService[];
  readonly #pending = new Map<string, ModelRow[]>();
  #lastEventId = 0;

  constructor(services: readonly SceneService[]) {
    this.#services = services;
    for (const { slug } of services) this.#pending.set(slug, []);
  }

  /** A session of the first `stored` different messages; nobody processes anything. */
  replay(events: readonly CapturedEvent[], stored: number): void {
    const known = new Set<string | null>();
    /** The last seen is the last. */
    const open = new Map<string, ModelStreak>();
    const closed = new Map<string, number>();
    const close = (key: string, { eventId, count }: ModelStreak) => {
      open.delete(key);
      closed.set(key, count);
      this.#dispatch("GiftEvent", eventId, { added: 0, ended: count });
    };
    for (const event of events) {
      if (known.size === stored) break;
      if (known.has(event.messageId)) continue;
      known.add(event.messageId);
      const at = event.createdAt ?? 0;
      for (const [key, streak] of [...open]) if (at - streak.seenAt >= idleMs) close(key, streak);
      this.#dispatch(event.type, ++this.#lastEventId, this.#countOf(event, { open, closed, at }));
    }
    for (const [key, streak] of [...open]) close(key, streak);
  }

  #countOf(
    event: CapturedEvent,
    { open, closed, at }: { open: Map<string, ModelStreak>; closed: Map<string, number>; at: number },
  ): Counted {
    if (event.type === "LikeEvent") return { added: event.streak.count, ended: 0 };
    if (event.type !== "GiftEvent" || event.streak.kind !== "gift") return { added: 1, ended: 1 };
    const { groupId, count, isEnd } = event.streak;
    const key = String(groupId);
    const before = open.get(key)?.count ?? closed.get(key) ?? 0;
    const sum = Math.max(before, count);
    const added = sum - before;
    if (closed.has(key)) {
      closed.set(key, sum);
      return { added, ended: added };
    }
    open.delete(key);
    if (isEnd) closed.set(key, sum);
    else open.set(key, { eventId: this.#lastEventId, count: sum, seenAt: at });
    return { added, ended: isEnd ? sum : 0 };
  }

  #dispatch(type: string, eventId: number, { added, ended }: Counted): void {
    for (const service of this.#services) {
      const subscription = service.subscriptions[type];
      if (subscription === undefined) continue;
      const count = subscription.streaks === "each" ? added : ended;
      if (count > 0) this.#admit(service, subscription, { eventId, count });
    }
  }

  #admit(
    { slug, max_queue_size }: SceneService,
    { priority, is_async, is_discardable }: SceneSubscription,
    { eventId, count }: { eventId: number; count: number },
  ): void {
    const pending = this.#pending.get(slug)!;
    const row: ModelRow = {
      id: this.rows.length + 1,
      service: slug,
      live_event_id: eventId,
      priority,
      is_async: Number(is_async),
      is_discardable: Number(is_discardable),
      count,
      status: "pending",
      discard_reason: null,
    };
    this.rows.push(row);
    if (pending.length < max_queue_size) return void pending.push(row);
    let victim: ModelRow | null = null;
    for (const other of pending) {
      if (other.is_discardable === 1 && (victim === null || other.priority < victim.priority)) victim = other;
    }
    if (victim === null || victim.priority >= priority) {
      row.status = "discarded";
      row.discard_reason = "queue_full";
      return;
    }
    victim.status = "discarded";
    victim.discard_reason = "evicted";
    pending.splice(pending.indexOf(victim), 1);
    pending.push(row);
  }
}
