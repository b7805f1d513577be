/**
 * Discards pending items of earlier runs that are too old to be processed. Their number does not delay the start: a
 * binary search over ids finds them, the queue starts after them, and their rows are discarded in chunks of a
 * thousand in the background.
 */
import { allClasses, pendingIds } from "./pending_rows.ts";
import { momentIn } from "./columns.ts";
import type { Query } from "./query.ts";
import type { Writer } from "./writer.ts";

/** The stale rows of a service are its pending ones with ids below `beforeId`. */
export interface StaleRows {
  serviceId: number;
  beforeId: number;
}

const chunkSize = 1_000;

/**
 * The end of the stale rows of a service: the first item that was created at or after `createdAt`, or that has begun a
 * step, because its work is kept. Later rows are processed, in the order of the queue.
 */
export function staleBefore(query: Query, createdAt: number, { serviceId, beforeId }: StaleRows): number {
  const since = firstItemSince(query, createdAt, beforeId);
  if (query.first("SELECT 1 FROM item_step LIMIT 1") === null) return since;
  const begun = query.first<{ id: number }>(
    `SELECT id FROM event_queue WHERE service_id = ? AND ${query.dialect.hasStatus("pending")} AND id < ?
      AND EXISTS (SELECT 1 FROM item_step WHERE item_id = event_queue.id) ORDER BY id LIMIT 1`,
    serviceId,
    since,
  );
  return begun?.id ?? since;
}

/** The lowest id below `beforeId` of an item created at or after `createdAt`. Ids and times grow together. */
function firstItemSince(query: Query, createdAt: number, beforeId: number): number {
  let low = 1;
  let high = beforeId;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = query.first<{ id: number; created_at: number }>(
      "SELECT id, created_at FROM event_queue WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
      middle,
      high,
    );
    if (row !== null && momentIn(row.created_at) < createdAt) low = row.id + 1;
    else high = middle;
  }
  return low;
}

export interface DiscardOptions {
  query: Query;
  writer: Writer;
  /** The time written to the rows, Unix milliseconds. */
  at: number;
  /** When it aborts, the remaining rows stay pending for the next start. */
  signal: AbortSignal;
}

/** Discards the rows, one chunk per transaction. */
export async function discardRows(stale: readonly StaleRows[], options: DiscardOptions): Promise<void> {
  const { query, writer, at, signal } = options;
  for (const { serviceId, beforeId } of stale) {
    for (const itemClass of allClasses) {
      let afterId = 0;
      while (!signal.aborted) {
        const ids = pendingIds(query, serviceId, { ...itemClass, afterId, beforeId, limit: chunkSize });
        for (const id of ids) writer.add({ kind: "discard_item", serviceId, id, reason: "stale", at });
        if (ids.length < chunkSize) break;
        afterId = ids.at(-1) as number;
        await writer.flush();
      }
    }
  }
}
