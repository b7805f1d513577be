/** Hands the items that may start now to the workers of a service. */
import type { Feed, Work } from "./feed.ts";

/** The side of a worker that takes items. */
export interface Taker {
  readonly isTaking: boolean;
  /** The items that it has. */
  readonly inFlight: readonly unknown[];
  /** Call it only while `isTaking`. */
  give(items: readonly Work[]): void;
}

/** Each item goes to the taker that has the fewest. */
export function handOut(feed: Feed, takers: readonly Taker[]): void {
  const taking = takers.filter(({ isTaking }) => isTaking);
  const [first] = taking;
  if (first === undefined) return;
  feed.claim();
  if (taking.length === 1) return first.give(restOf(feed));
  const hands = taking.map((taker) => ({ taker, count: taker.inFlight.length, items: [] as Work[] }));
  for (const work of restOf(feed)) {
    const freest = hands.reduce((best, hand) => hand.count < best.count ? hand : best);
    freest.count++;
    freest.items.push(work);
  }
  for (const { taker, items } of hands) taker.give(items);
}

function restOf(feed: Feed): Work[] {
  const items: Work[] = [];
  for (let work = feed.next(); work !== null; work = feed.next()) items.push(work);
  return items;
}
