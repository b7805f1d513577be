/**
 * How long another program may take, as "livecue/limit". Time in which Livecue itself stood still (stopped, or asleep
 * with its computer) does not count, and what has come is heard first.
 */
import { limit as limitBy, systemClock } from "../clock.ts";

/** Calls `onOver` after `limitMs`; the returned function cancels it. */
export function limit(limitMs: number, onOver: () => void): () => void {
  return limitBy(systemClock, limitMs, onOver);
}
