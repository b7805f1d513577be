/** `event_queue` rows, with the slug of their service and their event. */
import type { DiscardReason, ItemStatus, StoredItem } from "../item.ts";
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

/**
 * To be followed by a WHERE on `item`. CROSS JOIN, so that SQLite walks the items in their order and looks
 * the others up, whatever it would guess without statistics.
 */
export const selectItems = `SELECT item.id AS item_id, item.service_id, service.slug AS service_slug,
    item.priority, item.is_async, item.is_discardable, item.count, item.status, item.attempts, item.failures,
    item.crashes, item.created_at AS item_created_at, item.not_before, item.started_at, item.finished_at,
    item.error, item.discard_reason, ${eventColumns}
  FROM event_queue AS item
    CROSS JOIN service ON service.id = item.service_id
    CROSS JOIN live_event AS event ON event.id = item.live_event_id
    CROSS JOIN live_session AS session ON session.id = event.session_id`;

export function itemFromRow(row: ItemRow): StoredItem {
  return {
    id: row.item_id,
    serviceId: row.service_id,
    serviceSlug: row.service_slug,
    event: eventFromRow(row),
    priority: row.priority,
    isAsync: row.is_async === 1,
    isDiscardable: row.is_discardable === 1,
    count: row.count,
    status: row.status,
    attempts: row.attempts,
    failures: row.failures,
    crashes: row.crashes,
    createdAt: row.item_created_at,
    notBefore: row.not_before,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    error: row.error,
    discardReason: row.discard_reason,
  };
}
