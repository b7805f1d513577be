/** A database that knows no live yet. */
import { noTotals } from "../../src/live.ts";
import type { LiveStore } from "../../src/lives/live_memory.ts";
import { Viewers } from "../../src/lives/viewers.ts";

export const noLives: LiveStore = {
  live: () => null,
  liveOfRoom: () => null,
  lastLiveOf: () => null,
  liveTotals: () => ({ totals: noTotals(), upTo: 0 }),
  eventsAfter: () => [],
  recentMessages: () => [],
  firstOf: () => null,
  top: () => [],
};

/** Viewers of whom the database knows nothing. */
export function newViewers(): Viewers {
  const counted = { numbersOf: () => null, wasIn: () => false };
  return new Viewers({ counted, count: { upTo: 0 }, before: 0, platformOf: () => "tiktok", blocked: [] });
}
