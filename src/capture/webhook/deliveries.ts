/**
 * The line between the requests, which wait for an answer, and the capture, which pulls. An event waits to be pulled,
 * then to be committed; each wait ends with an answer, by its bound at the latest:
 *
 *   waiting → pulled → committed        stored
 *   waiting, pulled → the bound is over  late: the provider tries again, and a repeat is known by its id
 *   waiting → `close`                    late
 */
import { type Clock, limit } from "../../clock.ts";
import type { CapturedEvent, ConnectionState, SourceItem } from "../../source.ts";

/** Providers wait for some 10 to 30 s. */
const answerBoundMs = 10_000;
/** From `close` on: the program is being ended, and a commit takes milliseconds. */
const closingBoundMs = 2_000;

type Outcome = "stored" | "late";

export class Deliveries {
  readonly #clock: Clock;
  readonly #line: SourceItem[] = [];
  /** Of the events that no answer was given for; each is called once. */
  readonly #endings = new Map<SourceItem, (outcome: Outcome) => void>();
  #wake: (() => void) | null = null;
  #cancelClosing = () => {};
  #isClosed = false;
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tell(state: ConnectionState): void {
    this.#push({ kind: "state", state });
  }

  /** Resolves when the event is stored, or was known, or when it is too late for an answer. */
  deliver(event: CapturedEvent): Promise<Outcome> {
    if (this.#isClosed) return Promise.resolve("late");
    return new Promise((resolve) => {
      const item: SourceItem = { kind: "event", event, raw: null, committed: () => end("stored") };
      const cancel = limit(this.#clock, answerBoundMs, () => end("late"));
      const end = (outcome: Outcome) => {
        cancel();
        this.#endings.delete(item);
        const index = this.#line.indexOf(item);
        if (index !== -1) this.#line.splice(index, 1);
        resolve(outcome);
      };
      this.#endings.set(item, end);
      this.#push(item);
    });
  }

  /** For one reader; ends after `end`. */
  async *items(): AsyncGenerator<SourceItem, void> {
    while (true) {
      const item = this.#line.shift();
      if (item !== undefined) yield item;
      else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Takes no more events; those that were pulled have a little time yet to be committed. */
  close(): void {
    this.#isClosed = true;
    for (const [item, end] of this.#endings) if (this.#line.includes(item)) end("late");
    const rest = [...this.#endings.values()];
    if (rest.length === 0) return;
    this.#cancelClosing = limit(this.#clock, closingBoundMs, () => rest.forEach((end) => end("late")));
  }

  /** Lets the reader come to its end. */
  end(): void {
    this.#cancelClosing();
    this.#hasEnded = true;
    this.#wakeUp();
  }

  #push(item: SourceItem): void {
    this.#line.push(item);
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
