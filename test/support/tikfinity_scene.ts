/** A TikFinity source and its output, read piece by piece. */
import assert from "node:assert/strict";
import {
  createTikfinitySource,
  type TikfinitySourceOptions,
} from "../../src/capture/tikfinity/connection.ts";
import type { CapturedEvent, ConnectionState, SourceItem } from "../../src/source.ts";
import { FakeClock } from "./fake_clock.ts";
import { silentLog } from "./silent_log.ts";

type StateOf<Phase extends ConnectionState["phase"]> = Extract<ConnectionState, { phase: Phase }>;

export class TikfinityScene implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly seen: SourceItem[] = [];
  readonly #stop = new AbortController();
  readonly #items: AsyncIterator<SourceItem>;

  constructor(url: string, options: Partial<TikfinitySourceOptions> = {}) {
    const source = createTikfinitySource({
      name: "main",
      url,
      clock: this.clock,
      log: silentLog(),
      random: () => 0,
      once: false,
      ...options,
    });
    this.#items = source.open(this.#stop.signal)[Symbol.asyncIterator]();
  }

  async next(): Promise<SourceItem | null> {
    const { value, done } = await this.#items.next();
    if (done) return null;
    this.seen.push(value);
    return value;
  }

  async nextOf<Kind extends SourceItem["kind"]>(kind: Kind): Promise<Extract<SourceItem, { kind: Kind }>> {
    for (let item = await this.next(); item !== null; item = await this.next()) {
      if (item.kind === kind) return item as Extract<SourceItem, { kind: Kind }>;
    }
    throw new Error(`The source ended without a ${kind}.`);
  }

  /** Reads on until the connection is in this phase. */
  async until<Phase extends ConnectionState["phase"]>(phase: Phase): Promise<StateOf<Phase>> {
    while (true) {
      const { state } = await this.nextOf("state");
      if (state.phase === phase) return state as StateOf<Phase>;
    }
  }

  async events(count: number): Promise<CapturedEvent[]> {
    const events: CapturedEvent[] = [];
    while (events.length < count) events.push((await this.nextOf("event")).event);
    return events;
  }

  /** Reads to the end: what came from here on. */
  async rest(): Promise<SourceItem[]> {
    const start = this.seen.length;
    while (await this.next() !== null);
    return this.seen.slice(start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.rest();
    assert.equal(this.clock.timerCount, 0, "no timer is left");
  }
}
