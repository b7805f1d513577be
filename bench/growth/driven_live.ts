/** A live like TikTok's. The caller decides when comments come, and reports each one that was stored. */
import type { CapturedEvent, Source, SourceItem } from "../../src/source.ts";
import { commentOf } from "../../test/support/captured_events.ts";
import { roomTraits } from "../../test/support/sources.ts";

/** How many comments a busy socket brings in one turn. */
const comingAtOnce = 500;
/** One comment in ten is a viewer's first, as in a large live. The others come from this many regulars. */
const regulars = 1_000;

export class DrivenLive implements Source {
  readonly name = "main";
  readonly traits = roomTraits;
  readonly #roomId: string;
  #wake = Promise.withResolvers<void>();
  /** Comments that are due. */
  #due = 0;
  #brought = 0;
  /** When each event came, by its id; in milliseconds of `performance.now`. */
  readonly #cameAt = new Map<number, number>();
  readonly #coming: number[] = [];

  constructor(roomId: string) {
    this.#roomId = roomId;
  }

  async *open(signal: AbortSignal): AsyncGenerator<SourceItem> {
    signal.addEventListener("abort", () => this.#wake.resolve());
    yield { kind: "session", username: "ana", roomId: this.#roomId };
    while (!signal.aborted) {
      while (this.#due > 0) {
        this.#due--;
        this.#coming.push(performance.now());
        yield { kind: "event", event: this.#next(), raw: null };
        if (this.#brought % comingAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }

  /** Makes `count` comments come at once. */
  bring(count: number): void {
    this.#due += count;
    this.#wake.resolve();
  }

  /** The caller reports each event here when it is stored. */
  stored(eventId: number): void {
    this.#cameAt.set(eventId, this.#coming.shift() ?? NaN);
  }

  /** Milliseconds since the event came. Works once for each event. */
  msSince(eventId: number): number {
    const at = this.#cameAt.get(eventId) ?? NaN;
    this.#cameAt.delete(eventId);
    return performance.now() - at;
  }

  #next(): CapturedEvent {
    const index = this.#brought++;
    const event = commentOf("hello, this is a comment as long as most of them are", this.#roomId);
    const id = `new${index % 10 === 0 ? regulars + index : index % regulars}`;
    const user = { ...event.user, id, uniqueId: id };
    // An id that no earlier message of the room has.
    return { ...event, user, messageId: String(7_500_000_000_000_000_000n + BigInt(index)), createdAt: null };
  }
}
