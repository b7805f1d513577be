/** A database that knows no live yet. */
import { noTotals } from "../../src/live.ts";
import type { LiveStore } from "../../src/lives/live_memory.ts";

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
