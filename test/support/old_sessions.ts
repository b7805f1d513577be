/** Sessions of different ages, to delete. */
import type { PruneCounts, PruneOptions } from "../../src/store/pruner.ts";
import type { Store } from "../../src/store/store.ts";
import { countedUpToKey } from "../../src/store/viewers.ts";
import { sampleEvent } from "./stored_events.ts";
import { insertItem, openSession, serviceConfig } from "./temporary_store.ts";

export const now = 1_700_000_000_000;
export const dayMs = 86_400_000;
const pace = { stepMs: 1_000, mostEvents: 7 };

/** Ended so many days ago, with events and their items from these ids on. */
function addSession(store: Store, { id, daysAgo, events, as }: AddedSession): void {
  const endedAt = now - daysAgo * dayMs;
  store.writer.add(openSession(id, endedAt - 1));
  for (const eventId of events) {
    store.writer.add({
      kind: "insert_event",
      event: sampleEvent({ id: eventId, sessionId: id, createdAt: endedAt }),
    });
    store.writer.add(insertItem({ id: eventId * 2, eventId, as: as ?? "discarded" }));
  }
  store.writer.add({ kind: "set_state", serviceId: 1, sessionId: id, liveId: null, key: "k", value: 1 });
  if (daysAgo === 0) return;
  store.writer.add({
    kind: "close_session",
    id,
    status: "completed",
    endedAt,
    reason: "over",
    eventsTo: 1_000_000,
  });
}

export interface AddedSession {
  id: number;
  /** 0: it is active. */
  daysAgo: number;
  events: number[];
  as?: "pending" | "discarded";
}

export async function fill(store: Store, sessions: AddedSession[]): Promise<void> {
  await store.syncServices([serviceConfig("dino")]);
  for (const session of sessions) {
    addSession(store, session);
    await store.writer.flush();
  }
  store.writer.add({ kind: "set_config", key: countedUpToKey(""), value: "1000000" });
  await store.writer.flush();
}

export async function prune(store: Store, options: Partial<PruneOptions> = {}): Promise<PruneCounts> {
  const steps = store.pruner.prune({ before: now - 90 * dayMs, keepsLast: false, ...options }, pace);
  let step = await steps.next();
  while (!step.done) step = await steps.next();
  return step.value;
}

export const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
