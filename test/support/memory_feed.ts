import type { LiveEvent } from "../../src/event.ts";
import type { Emission, ItemView, Outcome } from "../../src/item.ts";
import type { LiveTotals, TopUser } from "../../src/live.ts";
import type { Pane } from "../../src/pane.ts";
import type { Feed, StateScope, Work } from "../../src/runner/feed.ts";
import { makeEvent } from "./events.ts";

export const emptyTotals: LiveTotals = {
  diamonds: 0,
  gifts: 0,
  likes: 0,
  comments: 0,
  follows: 0,
  shares: 0,
  subscribes: 0,
  joins: 0,
};

/**
 * A service's work in memory, first come first served. A sync item holds up those behind it. Nothing comes
 * back by itself: what became of each hand-out is kept in `outcomes`.
 */
export class MemoryFeed implements Feed {
  readonly outcomes = new Map<number, Outcome>();
  readonly state = new Map<string, unknown>();
  readonly emissions: Emission[] = [];
  readonly panes: Pane[] = [];
  sums: LiveTotals = emptyTotals;
  givers: TopUser[] = [];
  onAdded: () => void = () => {};
  readonly #waiting: Work[] = [];
  readonly #running = new Map<number, ItemView>();
  readonly #settled = new Map<number, PromiseWithResolvers<Outcome>>();

  /** Ids of the items that are in the worker. */
  get running(): number[] {
    return [...this.#running.keys()];
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Resolves with what became of the item. */
  add(id: number, event: LiveEvent, item: Partial<ItemView> = {}): Promise<Outcome> {
    const view = {
      id,
      priority: 5,
      isAsync: true,
      count: event.streak?.delta ?? 1,
      attempt: 1,
      isFirstOfUser: false,
      ...item,
    };
    const settled = Promise.withResolvers<Outcome>();
    this.#settled.set(id, settled);
    this.#waiting.push({ item: view, event });
    this.onAdded();
    return settled.promise;
  }

  /** A comment with this text. */
  say(id: number, comment: string, item: Partial<ItemView> = {}): Promise<Outcome> {
    return this.add(id, makeEvent({ id, data: { comment, language: "en", emotes: [] } }), item);
  }

  claim(): void {}

  emit(emission: Emission): Promise<void> {
    this.emissions.push(emission);
    return Promise.resolve();
  }

  show(pane: Pane): void {
    this.panes.push(pane);
  }

  next(): Work | null {
    if ([...this.#running.values()].some(({ isAsync }) => !isAsync)) return null;
    const work = this.#waiting.shift() ?? null;
    if (work !== null) this.#running.set(work.item.id, work.item);
    return work;
  }

  settle(itemId: number, outcome: Outcome): void {
    if (!this.#running.delete(itemId)) throw new Error(`Item ${itemId} was settled, and was not handed out`);
    this.outcomes.set(itemId, outcome);
    this.#settled.get(itemId)?.resolve(outcome);
  }

  getState(scope: StateScope, key: string): unknown {
    return this.state.get(`${scope} ${key}`);
  }

  setState(scope: StateScope, key: string, value: unknown): Promise<void> {
    if (key === "forbidden") return Promise.reject(new Error("the disk is full"));
    if (value === undefined) this.state.delete(`${scope} ${key}`);
    else this.state.set(`${scope} ${key}`, value);
    return Promise.resolve();
  }

  totals(): LiveTotals {
    return this.sums;
  }

  top(count: number): TopUser[] {
    return this.givers.slice(0, count);
  }
}
