/** What is wrong with a service for a while: what it reports itself, saved code with a mistake, and a full queue. */
import type { Clock } from "../clock.ts";
import type { TroubleView } from "../control.ts";
import { counted, noun, t } from "../language.ts";

/** A queue that has room and has discarded nothing for this long is no longer full. */
const overAfterMs = 10_000;

export class ServiceTroubles {
  readonly #clock: Clock;
  #reported: { text: string; since: number } | null = null;
  #refusedCode: { text: string; since: number } | null = null;
  #full: { since: number; lastAt: number; count: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** null: it is over. */
  report(text: string | null): void {
    const since = this.#reported?.since ?? this.#clock.monotonic();
    this.#reported = text === null ? null : { text, since };
  }

  /** Its file was saved with a mistake; null: it has loaded its file. */
  refuseCode(text: string | null): void {
    this.#refusedCode = text === null ? null : { text, since: this.#clock.monotonic() };
  }

  /** The queue was full and discarded an item. */
  countDiscarded(): void {
    const now = this.#clock.monotonic();
    const { since = now, count = 0 } = this.#full ?? {};
    this.#full = { since, lastAt: now, count: count + 1 };
  }

  /** Called once per second. */
  tick(hasRoom: boolean): void {
    if (this.#full === null || !hasRoom) return;
    if (this.#clock.monotonic() - this.#full.lastAt >= overAfterMs) this.#full = null;
  }

  /** `hasRoom`: whether the queue takes another item now. */
  views(hasRoom: boolean): TroubleView[] {
    const now = this.#clock.monotonic();
    const views: TroubleView[] = [];
    if (this.#reported !== null) {
      views.push({ text: this.#reported.text, forMs: now - this.#reported.since });
    }
    if (this.#refusedCode !== null) {
      views.push({ text: this.#refusedCode.text, forMs: now - this.#refusedCode.since });
    }
    if (this.#full !== null) {
      const { count, since } = this.#full;
      const items = counted(count, noun("item"));
      const text = hasRoom
        ? t`Its queue was full until a moment ago: ${items} discarded.`
        : t`Its queue is full: ${items} discarded.`;
      views.push({ text, forMs: now - since });
    }
    return views;
  }
}
