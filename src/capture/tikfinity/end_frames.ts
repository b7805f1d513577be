/**
 * Detects an end of a streak that is sent twice, for streaks without a group. A server that sends intermediate frames
 * sends one before each end, so an end without one repeats the last end.
 */
import type { CapturedEvent } from "../../source.ts";

interface Run {
  count: number;
  hasFrames: boolean;
  hasEnded: boolean;
}

/** More than the givers who are active at the same time in any live. */
const maxRemembered = 10_000;

export class EndFrames {
  /** By giver and gift, least recently used first. */
  readonly #runs = new Map<string, Run>();

  isRepeated({ type, user, data, streak }: CapturedEvent): boolean {
    if (type !== "GiftEvent" || streak?.kind !== "gift" || streak.groupId !== "0") return false;
    const { id, name } = data.gift;
    const key = `${user.id}:${id}:${name}`;
    const last = this.#runs.get(key);
    const isSame = last !== undefined && last.hasEnded && last.hasFrames && last.count === streak.count;
    if (streak.isEnd && isSame) return true;
    const goesOn = last !== undefined && !last.hasEnded;
    this.#runs.delete(key);
    this.#runs.set(key, {
      count: streak.count,
      hasFrames: !streak.isEnd || (goesOn && last.hasFrames),
      hasEnded: streak.isEnd,
    });
    this.#forgetOldest();
    return false;
  }

  #forgetOldest(): void {
    if (this.#runs.size <= maxRemembered) return;
    for (const key of this.#runs.keys()) {
      this.#runs.delete(key);
      break;
    }
  }
}
