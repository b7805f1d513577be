/**
 * The frames in which TikFinity's form tells of gifts: a streak's running count, and at last one frame that ends it.
 * Programs act on the last one, so over all last frames the counts add up to what was given, whatever happens.
 *
 *   no streak → running: a gift of it came           → its frames
 *   running   → ended: Livecue says that it has      → the last frame
 *             → ended: no gift of it for `streakMs`  → the last frame
 *   ended     → running: a gift came late            → a streak of its own, of what is new
 *
 * A subscription with `"streaks": "each"` brings every addition and not the end, so the end is timed here; one with
 * `"final"` brings the whole streak at its end, which is one last frame.
 */
import type { EventOf } from "livecue/service";

export type GiftEvent = EventOf<"GiftEvent">;

export interface GiftFrame {
  event: GiftEvent;
  /** Of the streak so far. */
  count: number;
  isEnd: boolean;
  /** The same for all frames of one streak, and no other's: digits, as TikTok's. */
  groupId: string;
  /** It ends the streak of a gift that was told of before. */
  isTimed: boolean;
}

interface Running {
  last: GiftFrame;
  /** The streak's own count before the first of these frames. */
  base: number;
  timer: ReturnType<typeof setTimeout>;
}

const maxRunning = 10_000;
const maxEnded = 10_000;

export class GiftFrames {
  readonly #streakMs: number;
  readonly #onFrame: (frame: GiftFrame) => void;
  /** By streak id, the one that began first in front. */
  readonly #running = new Map<string, Running>();
  /** The count that was told of streaks that have ended, by streak id. */
  readonly #ended = new Map<string, number>();

  constructor(streakMs: number, onFrame: (frame: GiftFrame) => void) {
    this.#streakMs = streakMs;
    this.#onFrame = onFrame;
  }

  /** `added`: what the event adds; with `"streaks": "final"`, the whole streak. */
  add(event: GiftEvent, added: number): void {
    const { id, count, hasEnded } = event.streak;
    if (!event.data.gift.isStreakable) {
      return this.#onFrame({ event, count: added, isEnd: true, groupId: groupOf(event), isTimed: false });
    }
    const running = this.#running.get(id);
    const base = running?.base ?? this.#ended.get(id) ?? Math.max(0, count - added);
    // An item may be handed out again after a crash: it adds nothing.
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

  /** Ends all that is running. */
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
