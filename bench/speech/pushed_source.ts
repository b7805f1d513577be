/** A source for events that a benchmark makes. */
import { nobody, type User } from "../../src/event.ts";
import type { CapturedEvent, Source, SourceItem } from "../../src/source.ts";
import { traitsOf } from "../../test/support/sources.ts";

export class PushedSource implements Source {
  readonly name = "bench";
  readonly traits = traitsOf();
  readonly #items: SourceItem[] = [{ kind: "session", username: "bench", roomId: "1" }];
  #wake: () => void = () => {};

  /** The comment is a moderator's, so that the speech reads it. */
  comment(viewer: string, text: string): void {
    this.#push({ type: "CommentEvent", data: { comment: text, language: "en", emotes: [] } }, viewer);
  }

  donate(viewer: string, text: string): void {
    const data = { amount: 500, currency: "EUR", provider: "bench", message: text, isPublic: true };
    this.#push({ type: "DonationEvent", data }, viewer);
  }

  async *open(signal: AbortSignal): AsyncGenerator<SourceItem> {
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #push(event: Pick<CapturedEvent, "type" | "data">, viewer: string): void {
    const user: User = {
      ...nobody,
      id: viewer,
      uniqueId: viewer,
      nickname: viewer,
      roles: ["moderator"],
    };
    const common = { roomId: "1", messageId: null, createdAt: null, user, streak: null };
    this.#items.push({ kind: "event", event: { ...event, ...common } as CapturedEvent, raw: null });
    this.#wake();
  }
}
