/** The pending rows of one service, class by class: counted in the readers' thread, read page by page. */
import type { StoredItem } from "../item.ts";
import { itemFromRow, type ItemRow, selectItems } from "./item_row.ts";
import type { Query } from "./query.ts";

/** The pending items of one service that have one priority and may, or may not, be discarded. */
export interface PendingClass {
  priority: number;
  isDiscardable: boolean;
}

export interface PendingCount extends PendingClass {
  count: number;
}

export interface PendingPage extends PendingClass {
  /** Only ids above it. */
  afterId: number;
  limit: number;
}

/** The rows of a service with ids from `fromId` and below `beforeId`. */
export interface ClassBound {
  serviceId: number;
  fromId: number;
  beforeId: number;
}

const priorities = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] as const;

/** Each class there can be: with all three named, a count or a page is a range of the index. */
export const allClasses: readonly PendingClass[] = priorities.flatMap((priority) =>
  [true, false].map((isDiscardable) => ({ priority, isDiscardable }))
);

const ofClass = `service_id = ? AND priority = ? AND is_discardable = ? AND status = 'pending'`;

/**
 * How many there are; classes without any are left out. null where they are more than `limit`, before which it
 * stops: without a limit it walks the index over all of them, for a thread that may take its time.
 */
export function countPending(
  query: Query,
  { serviceId, fromId, beforeId }: ClassBound,
  limit = Number.MAX_SAFE_INTEGER,
): PendingCount[] | null {
  const counts: PendingCount[] = [];
  let rest = limit;
  for (const { priority, isDiscardable } of allClasses) {
    const values = [serviceId, priority, isDiscardable ? 1 : 0, fromId, beforeId];
    const counted = limit === Number.MAX_SAFE_INTEGER
      ? query.first<{ count: number }>(
        `SELECT count(*) AS count FROM event_queue WHERE ${ofClass} AND id >= ? AND id < ?`,
        ...values,
      )
      : query.first<{ count: number }>(
        `SELECT count(*) AS count FROM
          (SELECT 1 FROM event_queue WHERE ${ofClass} AND id >= ? AND id < ? LIMIT ?)`,
        ...values,
        rest + 1,
      );
    const count = counted?.count ?? 0;
    rest -= count;
    if (rest < 0) return null;
    if (count > 0) counts.push({ priority, isDiscardable, count });
  }
  return counts;
}

/** Oldest first. */
export function pendingPage(
  query: Query,
  serviceId: number,
  { priority, isDiscardable, afterId, limit }: PendingPage,
): StoredItem[] {
  const rows = query.all<ItemRow>(
    `${selectItems} WHERE item.service_id = ? AND item.priority = ? AND item.is_discardable = ?
        AND item.status = 'pending' AND item.id > ? ORDER BY item.id LIMIT ?`,
    serviceId,
    priority,
    isDiscardable ? 1 : 0,
    afterId,
    limit,
  );
  return rows.map(itemFromRow);
}

/** Ids above `afterId` and below `beforeId`, oldest first. */
export function pendingIds(
  query: Query,
  serviceId: number,
  { priority, isDiscardable, afterId, limit, beforeId }: PendingPage & { beforeId: number },
): number[] {
  return query.all<{ id: number }>(
    `SELECT id FROM event_queue WHERE ${ofClass} AND id > ? AND id < ? ORDER BY id LIMIT ?`,
    serviceId,
    priority,
    isDiscardable ? 1 : 0,
    afterId,
    beforeId,
    limit,
  ).map(({ id }) => id);
}
