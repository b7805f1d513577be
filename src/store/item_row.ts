/** `event_queue` rows, with the slug of their service and their event. */
import type { DiscardReason, ItemStatus, StoredItem } from "../item.ts";
import { boundedText, momentIn, numberIn, optionalMomentIn, optionalTextIn, textIn } from "./columns.ts";
import { eventColumns, eventFromRow, type EventRow } from "./event_row.ts";

export interface ItemRow extends EventRow {
  item_id: number;
  service_id: number;
  service_slug: string;
  priority: number;
  is_async: number;
  is_discardable: number;
  count: number;
  status: ItemStatus;
  attempts: number;
  failures: number;
  crashes: number;
  item_created_at: number;
  not_before: number | null;
  started_at: number | null;
  finished_at: number | null;
  error: string | null;
  discard_reason: DiscardReason | null;
}

const itemColumns = `item.id AS item_id, item.service_id, service.slug AS service_slug,
    item.priority, item.is_async, item.is_discardable, item.count, item.status, item.attempts, item.failures,
    item.crashes, item.created_at AS item_created_at, item.not_before, item.started_at, item.finished_at,
    ${boundedText("item.error")} AS error, item.discard_reason, ${eventColumns}`;

/**
 * Append a WHERE on `item`. CROSS JOIN makes SQLite walk the items in their order and look up the other tables.
 * Without statistics it might choose another plan.
 */
export const selectItems = `SELECT ${itemColumns}
  FROM event_queue AS item
    CROSS JOIN service ON service.id = item.service_id
    CROSS JOIN live_event AS event ON event.id = item.live_event_id
    CROSS JOIN live_session AS session ON session.id = event.session_id`;

/** The same, including items whose event or session is missing: their `EventRow` has no id. */
export const selectItemsWhole = `SELECT ${itemColumns}, item.live_event_id
  FROM event_queue AS item
    CROSS JOIN service ON service.id = item.service_id
    LEFT JOIN live_event AS event ON event.id = item.live_event_id
    LEFT JOIN live_session AS session ON session.id = event.session_id`;

const statuses: readonly unknown[] = ["pending", "processing", "completed", "failed", "discarded"];
const reasons: readonly unknown[] = ["evicted", "queue_full", "emptied", "stale"];

export function itemFromRow(row: ItemRow): StoredItem {
  return {
    id: row.item_id,
    serviceId: row.service_id,
    serviceSlug: textIn(row.service_slug),
    event: eventFromRow(row),
    priority: Math.min(10, Math.max(1, numberIn(row.priority))),
    isAsync: row.is_async === 1,
    isDiscardable: row.is_discardable === 1,
    count: numberIn(row.count),
    status: statuses.includes(row.status) ? row.status : "failed",
    attempts: numberIn(row.attempts),
    failures: numberIn(row.failures),
    crashes: numberIn(row.crashes),
    createdAt: momentIn(row.item_created_at),
    notBefore: optionalMomentIn(row.not_before),
    startedAt: optionalMomentIn(row.started_at),
    finishedAt: optionalMomentIn(row.finished_at),
    error: optionalTextIn(row.error),
    discardReason: reasons.includes(row.discard_reason) ? row.discard_reason : null,
  };
}
