/**
 * Adds up streaks: what each gift or like adds, whatever is repeated, skipped, out of order or never ends.
 *
 * A streak is open from its first frame until its end frame, `idleMs` without a frame, or the end of its
 * source. It never opens again: frames that come later still count, as additions to a closed streak. Over
 * all frames of a gift's streak, in any order, the deltas sum up to its highest count.
 */
import type { Streak } from "../event.ts";
import type { CapturedEvent } from "../source.ts";

/** TikTok sends an end frame 1 to 4 s after the last count, and one who taps on likes sends every second or two. */
const idleMs = 10_000;

/** Over an hour's worth in the busiest of lives, at some 10 MB. */
const maxRemembered = 50_000;

export interface ClosedStreak {
  streakId: string;
  /** `live_event.id` of its last frame: what a subscription to final streaks is given. */
  lastEventId: number;
  total: number;
}

export interface Counted {
  /** null where the event is neither a gift nor a like. */
  streak: Streak | null;
  /** Set where this event closes its streak; not where it adds to a closed one. */
  closed: ClosedStreak | null;
}

interface OpenStreak {
  id: string;
  count: number;
  lastEventId: number;
  lastSeenAt: number;
}

/** The highest counts of a live's closed gift streaks by id: frames that still come add only what is new. */
export class ClosedStreaks {
  /** The one touched longest ago first. */
  readonly #counts = new Map<string, number>();

  get(id: string): number | undefined {
    return this.#counts.get(id);
  }

  /** An id that names no group or a run of likes is harmless, and never met again. */
  remember(id: string, count: number): void {
    const highest = Math.max(count, this.#counts.get(id) ?? 0);
    this.#counts.delete(id);
    this.#counts.set(id, highest);
    if (this.#counts.size <= maxRemembered) return;
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      break;
    }
  }
}

/** The streaks of one session. Times are the source's, in milliseconds; ones that run backwards stand still. */
export class Streaks {
  #now = 0;
  /** By key, the one that was seen longest ago first. */
  readonly #open = new Map<string, OpenStreak>();
  readonly #closed: ClosedStreaks;

  /** `closed`: those of the live, over all its sessions. */
  constructor(closed = new ClosedStreaks()) {
    this.#closed = closed;
  }

  /** The last event of the open streak that was seen longest ago; null where none is open. */
  get oldestOpenEventId(): number | null {
    // The map is in the order of last sight, in which ids grow.
    for (const { lastEventId } of this.#open.values()) return lastEventId;
    return null;
  }

  /** Takes in an event that will be stored as `eventId`. Call `advance(at)` first. */
  count(event: CapturedEvent, at: number, eventId: number): Counted {
    this.#now = Math.max(this.#now, at);
    const frame = event.streak;
    if (frame === null) return { streak: null, closed: null };
    const owner = `${event.roomId}:${event.user.id}`;
    const count = Math.max(0, frame.count);
    if (frame.kind === "like") {
      const key = `${owner}:likes`;
      const id = this.#open.get(key)?.id ?? `${key}:${eventId}`;
      const before = this.#open.get(key)?.count ?? 0;
      return this.#add({ key, id, count: before + count, isEnd: false, eventId });
    }

    const gift = `${owner}:${giftKey(event)}`;
    if (frame.groupId === null) {
      const key = `${gift}:single`;
      return this.#add({ key, id: `${key}:${eventId}`, count, isEnd: true, eventId });
    }
    if (frame.groupId === "" || frame.groupId === "0") {
      // Nothing tells one run from the next but its end: a frame after it begins anew, under an id of its own.
      const key = `${gift}:0`;
      const id = this.#open.get(key)?.id ?? `${key}:${eventId}`;
      return this.#add({ key, id, count, isEnd: frame.isEnd, eventId });
    }
    const id = `${gift}:${frame.groupId}`;
    const total = this.#closed.get(id);
    if (total !== undefined) return this.#addToClosed(id, total, count);
    return this.#add({ key: id, id, count, isEnd: frame.isEnd, eventId });
  }

  /** Closes what has been idle for too long at `at`, in the order of idling out. */
  advance(at: number): ClosedStreak[] {
    this.#now = Math.max(this.#now, at);
    const idle: ClosedStreak[] = [];
    for (const [key, streak] of this.#open) {
      if (this.#now - streak.lastSeenAt < idleMs) break;
      idle.push(this.#close(key, streak));
    }
    return idle;
  }

  /** Closes all that is open, as at the end of the source. */
  closeAll(): ClosedStreak[] {
    return [...this.#open].map(([key, streak]) => this.#close(key, streak));
  }

  #add(frame: { key: string; id: string; count: number; isEnd: boolean; eventId: number }): Counted {
    const { key, id, isEnd, eventId } = frame;
    const before = this.#open.get(key)?.count ?? 0;
    const count = Math.max(before, frame.count);
    const streak: OpenStreak = { id, count, lastEventId: eventId, lastSeenAt: this.#now };
    // Deleted first, so that the map stays in the order of last sight.
    this.#open.delete(key);
    this.#open.set(key, streak);
    const closed = isEnd ? this.#close(key, streak) : null;
    return { streak: { id, count, delta: count - before, hasEnded: isEnd }, closed };
  }

  #addToClosed(id: string, total: number, frameCount: number): Counted {
    const count = Math.max(total, frameCount);
    this.#closed.remember(id, count);
    return { streak: { id, count, delta: count - total, hasEnded: true }, closed: null };
  }

  #close(key: string, { id, lastEventId, count }: OpenStreak): ClosedStreak {
    this.#open.delete(key);
    // Only a key with a group in it is its streak's id, and can be met again.
    if (key === id) this.#closed.remember(id, count);
    return { streakId: id, lastEventId, total: count };
  }
}

/** The same gift to the host and to a guest are two streaks. */
function giftKey(event: CapturedEvent): string {
  if (event.type !== "GiftEvent") return "0";
  const { gift, receiver } = event.data;
  return receiver === null ? `${gift.id}` : `${gift.id}>${receiver.id || receiver.nickname}`;
}
