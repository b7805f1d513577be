/**
 * Discards pending items of earlier runs that are too old to be processed. Their number does not delay the start: a
 * binary search over ids finds them, the queue starts after them, and their rows are discarded in chunks of a
 * thousand in the background.
 */
import { allClasses, edgePending, type PendingEdge, pendingIds } from "./pending_rows.ts";
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
  const since = firstItemSince(query, createdAt, { serviceId, beforeId });
  if (query.first("SELECT 1 FROM item_step LIMIT 1") === null) return since;
  const begun = query.first<{ id: number }>(
    `SELECT id FROM event_queue WHERE service_id = ? AND ${query.dialect.hasStatus("pending")} AND id < ?
      AND EXISTS (SELECT 1 FROM item_step WHERE item_id = event_queue.id) ORDER BY id LIMIT 1`,
    serviceId,
    since,
  );
  return begun?.id ?? since;
}

/** The lowest id below `beforeId` of a pending item that was created at or after `createdAt`; `beforeId` if none was. */
function firstItemSince(query: Query, createdAt: number, { serviceId, beforeId }: StaleRows): number {
  const isOld = (row: PendingEdge | null) => row === null || momentIn(row.created_at) < createdAt;
  let since = beforeId;
  // Ids and times of a service grow together. Those of several services need not: each room has ids of its own.
  for (const itemClass of allClasses) {
    const bound = { ...itemClass, serviceId, fromId: 1, beforeId: since };
    if (isOld(edgePending(query, bound, "last"))) continue;
    let [low, high] = [1, since];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = edgePending(query, { ...bound, fromId: middle, beforeId: high }, "first");
      if (row !== null && isOld(row)) {
        low = row.id + 1;
      } else {
        since = row?.id ?? since;
        high = middle;
      }
    }
  }
  return since;
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
