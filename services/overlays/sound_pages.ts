/**
 * Which open page plays a sound: the one that can play and has been able to for longest. A page asks before it plays,
 * and each sound is granted once, so that no sound is heard twice. If the first page does not ask, another one may.
 */
import { z } from "zod";

/** How long the first page has to ask. */
const patienceMs = 1000;
/** A page that opens later does not play the sound. */
const staleMs = 5000;
/** A page that was open a moment ago is being reloaded, or comes back after a restart. */
const returnMs = 10_000;

/** What a page says about itself. */
export const soundPageSchema = z.strictObject({
  page: z.string().min(1).max(60),
  /** Whether its browser lets it play. */
  can_play: z.boolean().optional(),
  /** The number of the sound that it is about to play. */
  plays: z.int().min(1).optional(),
  /** The number of the sound that it has played. */
  has_played: z.int().min(1).optional(),
});

export class SoundPages {
  /** How many streams each page has: two while one replaces the other. */
  readonly #streams = new Map<string, number>();
  /** Pages that can play, the first one first. */
  readonly #able = new Set<string>();
  #granted: number | null = null;
  #heardAt = performance.now();

  /** Whether a page plays sounds, or did a moment ago. */
  get canBeHeard(): boolean {
    return this.#able.size > 0 || performance.now() - this.#heardAt < returnMs;
  }

  open(page: string): void {
    this.#streams.set(page, (this.#streams.get(page) ?? 0) + 1);
  }

  close(page: string): void {
    const left = (this.#streams.get(page) ?? 0) - 1;
    if (left > 0) this.#streams.set(page, left);
    else {
      this.#streams.delete(page);
      this.setAble(page, false);
    }
  }

  /** The page must be open. */
  setAble(page: string, canPlay: boolean): void {
    if (canPlay && this.#streams.has(page)) this.#able.add(page);
    else if (this.#able.delete(page) && this.#able.size === 0) this.#heardAt = performance.now();
  }

  /** Whether this page may play the sound. */
  grant(page: string, { number, ageMs }: { number: number; ageMs: number }): boolean {
    const [first] = this.#able;
    if (number === this.#granted || ageMs > staleMs || (page !== first && ageMs < patienceMs)) return false;
    this.#granted = number;
    return true;
  }
}
