/** What keeps events from being stored at once, and what that has cost: the facts, and the one sentence that says them. */
import { describeCounts, joined } from "./describe.ts";
import type { EventType } from "./event.ts";
import type { CountsByType } from "./live.ts";

export interface Strain {
  /** Why nothing can be written to the database just now, as a whole sentence; null where it can. */
  trouble: string | null;
  /** Changes that wait in memory to be written. */
  waiting: number;
  /** Whether events are being shed. */
  isShedding: boolean;
  /** Let go in the last minute. */
  lately: CountsByType;
  /** Let go since the strain began. */
  inAll: CountsByType;
}

/** What people look for, in the order in which it matters; of gifts and follows a live's source never lets one go. */
const watched = [
  ["GiftEvent", "gifts"],
  ["FollowEvent", "follows"],
  ["CommentEvent", "comments"],
  ["LikeEvent", "likes"],
] as const satisfies [EventType, string][];

/** What is true of it at this moment; null where nothing is wrong. */
export function describeStrain({ trouble, waiting, isShedding, lately, inAll }: Strain): string | null {
  if (trouble !== null) {
    const changes = waiting === 1 ? "1 change waits" : `${waiting.toLocaleString("en")} changes wait`;
    if (isEmpty(inAll)) return `${trouble} Nothing is lost so far: ${changes} in memory.`;
    return `${trouble} So far ${describeCounts(inAll)} were not kept; ${keptBeside(inAll)} are, ` +
      `and ${changes} in memory.`;
  }
  if (!isShedding) return null;
  return `Too much at once: ${describeCounts(lately)} of the last minute were not kept; ${
    keptBeside(lately)
  } are.`;
}

/** The same when it is over; null where nothing was shed. */
export function describeStrainOver(inAll: CountsByType, forMs: number): string | null {
  if (isEmpty(inAll)) return null;
  const seconds = Math.max(1, Math.round(forMs / 1000)).toLocaleString("en");
  return `Events are stored as they come again. In ${seconds} s ${describeCounts(inAll)} were not kept; ` +
    `${keptBeside(inAll)} were.`;
}

function keptBeside(shed: CountsByType): string {
  return joined(watched.filter(([type]) => !shed[type]).map(([, name]) => name));
}

function isEmpty(counts: CountsByType): boolean {
  return Object.values(counts).every((count) => count === 0);
}
