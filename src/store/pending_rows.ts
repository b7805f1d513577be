/** The pending rows of one service, by class: counted in the reading thread, read page by page. */
import type { StoredItem } from "../item.ts";
import { highestId } from "./columns.ts";
import { isReadable } from "./event_row.ts";
import { itemFromRow, type ItemRow, selectItemsWhole } from "./item_row.ts";
import type { Query } from "./query.ts";

/** The pending items of one service with the same priority and the same `isDiscardable`. */
export interface PendingClass {
  priority: number;
  isDiscardable: boolean;
}

export interface PendingCount extends PendingClass {
  count: number;
}

export interface PendingPage extends PendingClass {
  /** Only higher ids. */
  afterId: number;
  limit: number;
}

/** The rows of a service with ids from `fromId` up to, but not including, `beforeId`. */
export interface ClassBound {
  serviceId: number;
  fromId: number;
  beforeId: number;
}

const priorities = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] as const;

/**
 * All possible classes. With service, priority and isDiscardable given, a count or a page is one range of the index.
 */
export const allClasses: readonly PendingClass[] = priorities.flatMap((priority) =>
  [true, false].map((isDiscardable) => ({ priority, isDiscardable }))
);

function ofClass({ dialect }: Query): string {
  return `service_id = ? AND priority = ? AND is_discardable = ? AND ${dialect.hasStatus("pending")}`;
}

/**
 * The number of pending items by class, without empty classes. null if there are more than `limit`; it stops counting
 * there. Without a limit it walks the whole index, so call it in a thread that may take long.
 */
export function countPending(
  query: Query,
  { serviceId, fromId, beforeId }: ClassBound,
  limit = Number.MAX_SAFE_INTEGER,
): PendingCount[] | null {
  // Most queues are empty, and each class is a question.
  if (!hasPending(query, serviceId)) return [];
  const counts: PendingCount[] = [];
  let rest = limit;
  for (const { priority, isDiscardable } of allClasses) {
    const values = [serviceId, priority, isDiscardable ? 1 : 0, fromId, beforeId];
    const counted = limit === Number.MAX_SAFE_INTEGER
      ? query.first<{ count: number }>(
        `SELECT count(*) AS count FROM event_queue WHERE ${ofClass(query)} AND id >= ? AND id < ?`,
        ...values,
      )
      : query.first<{ count: number }>(
        `SELECT count(*) AS count FROM
          (SELECT 1 FROM event_queue WHERE ${ofClass(query)} AND id >= ? AND id < ? LIMIT ?) AS found`,
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

function hasPending(query: Query, serviceId: number): boolean {
  const sql = `SELECT 1 FROM event_queue WHERE service_id = ? AND ${
    query.dialect.hasStatus("pending")
  } LIMIT 1`;
  return query.first(sql, serviceId) !== null;
}

/** An item whose event is missing or cannot be read. */
export interface BrokenItem {
  itemId: number;
  slug: string;
  eventId: number;
}

export interface WholePage extends PendingPage {
  /** Ids to leave out. */
  leaving: ReadonlySet<number>;
  /** Gets each broken item, which no page contains. */
  onBroken: (broken: BrokenItem) => void;
}

/** Up to `limit` items, oldest first. */
export function pendingPage(query: Query, serviceId: number, options: WholePage): StoredItem[] {
  const { priority, isDiscardable, limit, leaving, onBroken } = options;
  const items: StoredItem[] = [];
  for (let { afterId } = options; items.length < limit;) {
    const asked = limit - items.length;
    const rows = query.all<ItemRow & { live_event_id: number }>(
      `${selectItemsWhole} WHERE item.service_id = ? AND item.priority = ? AND item.is_discardable = ?
        AND ${
        query.dialect.hasStatus("pending", "item")
      } AND item.id > ? AND item.id <= ${highestId} ORDER BY item.id LIMIT ?`,
      serviceId,
      priority,
      isDiscardable ? 1 : 0,
      afterId,
      asked,
    );
    for (const row of rows) {
      afterId = row.item_id;
      if (leaving.has(row.item_id)) continue;
      if (isWhole(row)) items.push(itemFromRow(row));
      else onBroken({ itemId: row.item_id, slug: row.service_slug, eventId: row.live_event_id });
    }
    if (rows.length < asked) break;
  }
  return items;
}

/** Whether the item's event and session exist and can be read. */
function isWhole(row: ItemRow): boolean {
  return row.id !== null && row.live_id !== null && isReadable(row);
}

export interface PendingEdge {
  id: number;
  created_at: number;
}

/** The first or the last pending item of a class within the bound; null if there is none. */
export function edgePending(
  query: Query,
  { serviceId, fromId, beforeId, priority, isDiscardable }: ClassBound & PendingClass,
  edge: "first" | "last",
): PendingEdge | null {
  return query.first(
    `SELECT id, created_at FROM event_queue WHERE ${ofClass(query)} AND id >= ? AND id < ?
      ORDER BY id ${edge === "first" ? "ASC" : "DESC"} LIMIT 1`,
    serviceId,
    priority,
    isDiscardable ? 1 : 0,
    fromId,
    beforeId,
  );
}

/** Ids above `afterId` and below `beforeId`, oldest first. */
export function pendingIds(
  query: Query,
  serviceId: number,
  { priority, isDiscardable, afterId, limit, beforeId }: PendingPage & { beforeId: number },
): number[] {
  return query.all<{ id: number }>(
    `SELECT id FROM event_queue WHERE ${ofClass(query)} AND id > ? AND id < ? ORDER BY id LIMIT ?`,
    serviceId,
    priority,
    isDiscardable ? 1 : 0,
    afterId,
    beforeId,
    limit,
  ).map(({ id }) => id);
}
