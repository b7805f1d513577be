/**
 * Counts streaks: what each gift or like adds, even if frames are repeated, skipped, out of order, or the end is
 * missing.
 *
 * A streak is open from its first frame until its end frame, until `idleMs` without a frame, or until its source
 * ends. It never reopens: later frames count as additions to a closed streak. Over all frames of a gift's streak, in
 * any order, the deltas add up to its highest count.
 */
import type { Streak } from "../event.ts";
import type { CapturedEvent } from "../source.ts";

/**
 * TikTok sends the end frame 1 to 4 s after the last count. A viewer who keeps liking sends a frame every second or
 * two.
 */
const idleMs = 10_000;

/** More than an hour of the busiest lives, in about 10 MB. */
const maxRemembered = 50_000;

export interface ClosedStreak {
  streakId: string;
  /** `live_event.id` of its last frame: subscriptions to final streaks get this event. */
  lastEventId: number;
  total: number;
}

export interface Counted {
  /** null if the event is neither a gift nor a like. */
  streak: Streak | null;
  /** Set if this event closes its streak; null if it adds to a closed one. */
  closed: ClosedStreak | null;
}

interface OpenStreak {
  id: string;
  count: number;
  lastEventId: number;
  lastSeenAt: number;
}

/** The highest count of each closed gift streak of a live, by id: late frames add only what exceeds it. */
export class ClosedStreaks {
  /** Least recently touched first. */
  readonly #counts = new Map<string, number>();

  get(id: string): number | undefined {
    return this.#counts.get(id);
  }

  /** The id of a streak without a group, or of likes, is harmless: it never occurs again. */
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

/** The streaks of one session. Times are the source's, in milliseconds; a time that goes backwards is ignored. */
export class Streaks {
  #now = 0;
  /** By key, least recently seen first. */
  readonly #open = new Map<string, OpenStreak>();
  readonly #closed: ClosedStreaks;

  /** `closed`: the closed streaks of the live, over all its sessions. */
  constructor(closed = new ClosedStreaks()) {
    this.#closed = closed;
  }

  /** The last event of the least recently seen open streak; null if none is open. */
  get oldestOpenEventId(): number | null {
    // The map is in order of last sight, so the first has the lowest id.
    for (const { lastEventId } of this.#open.values()) return lastEventId;
    return null;
  }

  /** Counts an event that will be stored as `eventId`. Call `advance(at)` first. */
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
      // Only the end separates one run from the next: a frame after it starts a new streak with its own id.
      const key = `${gift}:0`;
      const id = this.#open.get(key)?.id ?? `${key}:${eventId}`;
      return this.#add({ key, id, count, isEnd: frame.isEnd, eventId });
    }
    const id = `${gift}:${frame.groupId}`;
    const total = this.#closed.get(id);
    if (total !== undefined) return this.#addToClosed(id, total, count);
    return this.#add({ key: id, id, count, isEnd: frame.isEnd, eventId });
  }

  /** Closes the streaks that have been idle too long at `at`, longest idle first. */
  advance(at: number): ClosedStreak[] {
    this.#now = Math.max(this.#now, at);
    const idle: ClosedStreak[] = [];
    for (const [key, streak] of this.#open) {
      if (this.#now - streak.lastSeenAt < idleMs) break;
      idle.push(this.#close(key, streak));
    }
    return idle;
  }

  /** Closes all open streaks, as at the end of the source. */
  closeAll(): ClosedStreak[] {
    return [...this.#open].map(([key, streak]) => this.#close(key, streak));
  }

  #add(frame: { key: string; id: string; count: number; isEnd: boolean; eventId: number }): Counted {
    const { key, id, isEnd, eventId } = frame;
    const before = this.#open.get(key)?.count ?? 0;
    const count = Math.max(before, frame.count);
    const streak: OpenStreak = { id, count, lastEventId: eventId, lastSeenAt: this.#now };
    // Deleted first, so that the map stays in order of last sight.
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
    // Only if the key is the streak's id, because it has a group, can the streak occur again.
    if (key === id) this.#closed.remember(id, count);
    return { streakId: id, lastEventId, total: count };
  }
}

/** The same gift to the host and to a guest makes two streaks. */
function giftKey(event: CapturedEvent): string {
  if (event.type !== "GiftEvent") return "0";
  const { gift, receiver } = event.data;
  return receiver === null ? `${gift.id}` : `${gift.id}>${receiver.id || receiver.nickname}`;
}
