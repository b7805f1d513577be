/**
 * The messages ("frames") in which TikFinity's format reports gifts: the running count of a streak, and one last frame
 * that ends it. Programs act on the last frame, so the counts of all last frames must add up to the number of gifts,
 * whatever happens.
 *
 *   no streak → running: its first gift came             → its frames
 *   running   → ended: Livecue reports the end           → the last frame
 *             → ended: no further gift for `streakMs`    → the last frame
 *   ended     → running: a late gift came                → a new streak of the late gifts only
 *
 * A subscription with `"streaks": "each"` delivers every addition but not the end, so the end is timed here. One with
 * `"final"` delivers the whole streak when it has ended, which becomes one last frame.
 */
import type { EventOf } from "livecue/service";

export type GiftEvent = EventOf<"GiftEvent">;

export interface GiftFrame {
  event: GiftEvent;
  /** The number of gifts in the streak so far. */
  count: number;
  isEnd: boolean;
  /** Identifies the streak. Consists of digits, like TikTok's group ids. */
  groupId: string;
  /** Whether the frame only ends the streak: all its gifts have been reported before. */
  isTimed: boolean;
}

interface Running {
  last: GiftFrame;
  /** The streak's count before the first of these frames. */
  base: number;
  timer: ReturnType<typeof setTimeout>;
}

const maxRunning = 10_000;
const maxEnded = 10_000;

export class GiftFrames {
  readonly #streakMs: number;
  readonly #onFrame: (frame: GiftFrame) => void;
  /** By streak id, oldest first. */
  readonly #running = new Map<string, Running>();
  /** The reported count of each ended streak, by streak id. */
  readonly #ended = new Map<string, number>();

  constructor(streakMs: number, onFrame: (frame: GiftFrame) => void) {
    this.#streakMs = streakMs;
    this.#onFrame = onFrame;
  }

  /** `added` is the number of gifts the event adds; with `"streaks": "final"`, the whole streak's. */
  add(event: GiftEvent, added: number): void {
    const { id, count, hasEnded } = event.streak;
    if (!event.data.gift.isStreakable) {
      return this.#onFrame({ event, count: added, isEnd: true, groupId: groupOf(event), isTimed: false });
    }
    const running = this.#running.get(id);
    const base = running?.base ?? this.#ended.get(id) ?? Math.max(0, count - added);
    // An item that is processed again after a crash adds nothing.
    if (count - base <= (running?.last.count ?? 0)) {
      if (hasEnded) this.#end(id);
      return;
    }
    const groupId = running?.last.groupId ?? groupOf(event);
    const frame: GiftFrame = { event, count: count - base, isEnd: hasEnded, groupId, isTimed: false };
    clearTimeout(running?.timer);
    if (hasEnded) this.#remember(id, count);
    else this.#run(id, frame, base);
    this.#onFrame(frame);
  }

  /** Ends all running streaks. */
  endAll(): void {
    for (const id of [...this.#running.keys()]) this.#end(id);
  }

  #run(id: string, last: GiftFrame, base: number): void {
    this.#running.set(id, { last, base, timer: setTimeout(() => this.#end(id), this.#streakMs) });
    if (this.#running.size <= maxRunning) return;
    for (const oldest of this.#running.keys()) return this.#end(oldest);
  }

  #end(id: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    clearTimeout(running.timer);
    const { last, base } = running;
    this.#remember(id, base + last.count);
    this.#onFrame({ ...last, isEnd: true, isTimed: true });
  }

  #remember(id: string, count: number): void {
    this.#running.delete(id);
    this.#ended.delete(id);
    this.#ended.set(id, count);
    if (this.#ended.size <= maxEnded) return;
    for (const oldest of this.#ended.keys()) {
      this.#ended.delete(oldest);
      break;
    }
  }
}

function groupOf({ id, createdAt }: GiftEvent): string {
  return String(createdAt * 1000 + id % 1000);
}
