/** A source of readings on a fake clock, and everything that it yields. */
import assert from "node:assert/strict";
import type { Clock } from "../../src/clock.ts";
import type { ConnectionState, SentReading, Source, SourceItem } from "../../src/source.ts";
import { FakeClock } from "./fake_clock.ts";

type StateOf<Phase extends ConnectionState["phase"]> = Extract<ConnectionState, { phase: Phase }>;

/** After this time readings no longer wait for others. */
const lingerMs = 100;

export class SourceScene implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly items: SourceItem[] = [];
  /** Whether its readings are stored at once. */
  isStoring = true;
  /** Ends when the source does. */
  readonly running: Promise<void>;
  readonly #stopping = new AbortController();
  #changed = () => {};

  constructor(create: (clock: Clock) => Source, { startMs }: { startMs?: number } = {}) {
    this.clock = new FakeClock(startMs);
    this.running = this.#pull(create(this.clock).open(this.#stopping.signal));
    this.running.catch(() => this.#changed());
  }

  get states(): ConnectionState[] {
    return this.items.flatMap((item) => item.kind === "state" ? [item.state] : []);
  }

  get readings(): SentReading[] {
    return this.items.flatMap((item) => item.kind === "readings" ? item.batch.readings : []);
  }

  get corruptCount(): number {
    return this.items.filter(({ kind }) => kind === "corrupt").length;
  }

  /** Resolves after an item with which it is met. */
  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await new Promise<void>((resolve) => this.#changed = resolve);
  }

  /** The state of this phase that came as the `count`th. */
  async state<Phase extends ConnectionState["phase"]>(phase: Phase, count = 1): Promise<StateOf<Phase>> {
    const found = () => this.states.filter((state) => state.phase === phase)[count - 1];
    await this.until(() => found() !== undefined);
    return found() as StateOf<Phase>;
  }

  /** Lets the readings that have come be pulled, and returns all so far. Call it when they have been delivered. */
  async settled(count: number): Promise<SentReading[]> {
    this.clock.advance(lingerMs);
    await this.until(() => this.readings.length >= count);
    return this.readings;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    assert.equal(this.clock.timerCount, 0, "no timer is left");
  }

  async #pull(items: AsyncIterable<SourceItem>): Promise<void> {
    for await (const item of items) {
      this.items.push(item);
      if (item.kind === "readings" && this.isStoring) item.batch.committed?.();
      this.#changed();
    }
  }
}
