/**
 * Time limits for other programs: "livecue/limit". Time in which Livecue itself did not run (suspended, or asleep
 * with its computer) does not count, and messages that have arrived are delivered first.
 */
import { limit as limitBy, systemClock } from "../clock.ts";

/** Calls `onOver` after `limitMs`; the returned function cancels it. */
export function limit(limitMs: number, onOver: () => void): () => void {
  return limitBy(systemClock, limitMs, onOver);
}
