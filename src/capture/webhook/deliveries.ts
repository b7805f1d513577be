/**
 * Connects the requests, which wait for an answer, with the capture, which pulls. An event waits to be pulled, then
 * to be committed. Each request gets an answer within its time limit:
 *
 *   waiting → pulled → committed        stored
 *   waiting, pulled → the time is up    late: the provider retries, and the repetition is recognized by its id
 *   waiting → `close`                    late
 */
import { type Clock, limit } from "../../clock.ts";
import type { CapturedEvent, ConnectionState, SentReading, SourceItem } from "../../source.ts";

/** Providers wait for about 10 to 30 s. */
const answerBoundMs = 10_000;
/** The limit after `close`: the program is stopping, and a commit takes milliseconds. */
const closingBoundMs = 2_000;

type Outcome = "stored" | "late";

export class Deliveries {
  readonly #clock: Clock;
  readonly #line: SourceItem[] = [];
  /** By unanswered event: gives its answer. Each is called once. */
  readonly #endings = new Map<SourceItem, (outcome: Outcome) => void>();
  #wake: (() => void) | null = null;
  #cancelClosing = () => {};
  #isClosed = false;
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  report(state: ConnectionState): void {
    this.#push({ kind: "state", state });
  }

  /** Resolves when the event or the readings are stored or known, or when the time for an answer is up. */
  deliver(given: CapturedEvent | { readings: SentReading[] }): Promise<Outcome> {
    if (this.#isClosed) return Promise.resolve("late");
    return new Promise((resolve) => {
      const committed = () => end("stored");
      const item: SourceItem = "readings" in given
        ? { kind: "readings", batch: { ...given, receivedAt: this.#clock.now(), committed, isAwaited: true } }
        : { kind: "event", event: given, raw: null, committed };
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

  /** For one reader; finishes after `end`. */
  async *items(): AsyncGenerator<SourceItem, void> {
    while (true) {
      const item = this.#line.shift();
      if (item !== undefined) yield item;
      else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Accepts no more events. Pulled ones get a little time to be committed. */
  close(): void {
    this.#isClosed = true;
    for (const [item, end] of this.#endings) if (this.#line.includes(item)) end("late");
    const rest = [...this.#endings.values()];
    if (rest.length === 0) return;
    this.#cancelClosing = limit(this.#clock, closingBoundMs, () => rest.forEach((end) => end("late")));
  }

  /** Lets the reader finish. */
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
