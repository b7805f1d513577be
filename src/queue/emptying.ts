/** What `ServiceQueue.empty` does with stored items, what it returns, and what it keeps until the rows are discarded. */
import type { ItemClass, PendingRows } from "./item_class.ts";

const countedAtOnce = 5_000;

/** The items that `empty` removed. */
export interface Emptied {
  count: number;
  /** Ids to discard, oldest first. Each step reads at most two hundred. A stop may leave the rest pending. */
  chunks: Iterable<readonly number[]>;
}

/** One call of `empty`, until its rows are discarded. */
export interface Emptying {
  /** Later items have this id or a higher one. */
  beforeId: number;
}

/** Removes the rows up to `upToId` from a class's tail, and leaves the later ones there. Returns the number removed. */
export function emptyTail(itemClass: ItemClass, rows: PendingRows | null, upToId: number): number {
  if (rows === null || itemClass.storedCount <= 0) return 0;
  const readUpTo = Math.max(itemClass.readUpTo, upToId);
  // Only the later ones are counted one by one: they came while the user was asked.
  const laterCount = readUpTo === Infinity ? 0 : countAfter(readUpTo, itemClass, rows);
  const count = Math.max(0, itemClass.storedCount - laterCount);
  itemClass.storedCount -= count;
  if (laterCount > 0) itemClass.readUpTo = readUpTo;
  return count;
}

/** How many rows of the class come after this id, apart from those in memory. */
function countAfter(id: number, itemClass: ItemClass, rows: PendingRows): number {
  const { priority, isDiscardable } = itemClass;
  const options = { priority, isDiscardable, beforeId: Infinity, limit: countedAtOnce };
  let count = 0;
  for (let afterId = id;;) {
    const page = rows.ids({ ...options, afterId });
    count += page.filter((id) => !itemClass.has(id)).length;
    if (page.length < countedAtOnce) return count;
    afterId = page.at(-1) as number;
  }
}
