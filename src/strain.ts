/** Why events are not stored immediately, and what was lost: the facts, and the sentence that describes them. */
import { describeCounts, joined } from "./describe.ts";
import type { EventType } from "./event.ts";
import { counted, formatNumber, msg, noun, t, translated } from "./language.ts";
import type { CountsByType } from "./live.ts";

export interface Strain {
  /** Why the database cannot be written to at present, as a complete sentence; null if it can. */
  trouble: string | null;
  /** How many changes wait in memory to be written. */
  waiting: number;
  /** Whether events are being shed. */
  isShedding: boolean;
  /** Events shed in the last minute. */
  lately: CountsByType;
  /** Events shed since the strain started. */
  inAll: CountsByType;
}

/** The types that people care about, most important first. A live's source never sheds gifts and follows. */
const watched = [
  ["GiftEvent", msg("gifts")],
  ["FollowEvent", msg("follows")],
  ["CommentEvent", msg("comments")],
  ["LikeEvent", msg("likes")],
] as const satisfies [EventType, string][];

/** The present situation; null if nothing is wrong. */
export function describeStrain({ trouble, waiting, isShedding, lately, inAll }: Strain): string | null {
  if (trouble !== null) {
    const changes = counted(waiting, noun("change waits", "changes wait"));
    if (isEmpty(inAll)) return `${trouble} ${t`Nothing is lost so far; ${changes} in memory.`}`;
    const dropped = t`So far ${describeCounts(inAll)} were dropped.`;
    return `${trouble} ${dropped} ${t`${keptTypes(inAll)} are kept; ${changes} in memory.`}`;
  }
  if (!isShedding) return null;
  const dropped = t`Too many events at once: ${describeCounts(lately)} were dropped in the last minute.`;
  return `${dropped} ${t`${keptTypes(lately)} are kept.`}`;
}

/** The sentence for when the strain is over; null if nothing was shed. */
export function describeStrainOver(inAll: CountsByType, forMs: number): string | null {
  if (isEmpty(inAll)) return null;
  const seconds = formatNumber(Math.max(1, Math.round(forMs / 1000)));
  const dropped = t`All events are stored again. In ${seconds} s, ${describeCounts(inAll)} were dropped.`;
  return `${dropped} ${t`${keptTypes(inAll)} were kept.`}`;
}

/** The watched types without losses, as the start of a sentence. */
function keptTypes(shed: CountsByType): string {
  const names = joined(watched.filter(([type]) => !shed[type]).map(([, name]) => translated(name)));
  return names.charAt(0).toUpperCase() + names.slice(1);
}

function isEmpty(counts: CountsByType): boolean {
  return Object.values(counts).every((count) => count === 0);
}
