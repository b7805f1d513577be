import { noViewer } from "../../src/viewer.ts";
import type { LiveEvent } from "../../src/event.ts";
import { failureText } from "../../src/failure.ts";
import type { Emission, ItemView, Outcome } from "../../src/item.ts";
import type { LiveTotals, TopUser } from "../../src/live.ts";
import type { Pane } from "../../src/pane.ts";
import type { ReadingAnswer, ReadingQuery } from "../../src/reading_query.ts";
import type { Feed, LiveChoice, SettledItem, StateScope, Work } from "../../src/runner/feed.ts";
import type { StepAnswer, StepRequest } from "../../src/step.ts";
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

/** How a hand-out ended, with its failure as a row contains it: the sentence, then the place in the code. */
export type Ended =
  | { kind: "completed" }
  | { kind: "failed"; error: string }
  | { kind: "crashed"; error: string }
  | { kind: "released" }
  | { kind: "waiting" };

/**
 * A service's work in memory, first come first served. A sync item holds up those behind it. Nothing comes
 * back by itself: what became of each hand-out is kept in `outcomes`.
 */
export class MemoryFeed implements Feed {
  readonly outcomes = new Map<number, Outcome>();
  readonly state = new Map<string, unknown>();
  /** Events that the service emitted outside of items. */
  readonly emissions: Emission[] = [];
  /** The live that each request meant, for example "totals {"source":null}". */
  readonly choices: string[] = [];
  readonly panes: Pane[] = [];
  readonly troubles: (string | null)[] = [];
  sums: LiveTotals = emptyTotals;
  givers: TopUser[] = [];
  onAdded: () => void = () => {};
  maxConcurrency = 10_000;
  /** How many items are handed out at a time if one of them is sync. */
  prefetch = 1;
  readonly #waiting: Work[] = [];
  readonly #running = new Map<number, ItemView>();
  readonly #settled = new Map<number, PromiseWithResolvers<Ended>>();

  /** Ids of the items that are in the worker. */
  get running(): number[] {
    return [...this.#running.keys()];
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Resolves with the item's outcome. */
  add(id: number, event: LiveEvent, item: Partial<ItemView> = {}): Promise<Ended> {
    const view = {
      id,
      priority: 5,
      isAsync: true,
      count: event.streak?.delta ?? 1,
      attempt: 1,
      isFirstOfUser: false,
      viewer: noViewer,
      ...item,
    };
    const settled = Promise.withResolvers<Ended>();
    this.#settled.set(id, settled);
    this.#waiting.push({ item: view, event });
    this.onAdded();
    return settled.promise;
  }

  /** A comment with this text. */
  say(id: number, comment: string, item: Partial<ItemView> = {}): Promise<Ended> {
    return this.add(id, makeEvent({ id, data: { comment, language: "en", emotes: [] } }), item);
  }

  claim(): void {}

  emit(emission: Emission, choice: LiveChoice): Promise<void> {
    this.#note("emit", choice);
    if (emission.id === "refused") return Promise.reject(new Error("there is no such source"));
    this.emissions.push(emission);
    return Promise.resolve();
  }

  show(pane: Pane): void {
    this.panes.push(pane);
  }

  trouble(text: string | null): void {
    this.troubles.push(text);
  }

  next(): Work | null {
    const isSyncAhead = [...this.#running.values()].some(({ isAsync }) => !isAsync);
    if (isSyncAhead && this.#running.size >= this.prefetch) return null;
    const work = this.#waiting.shift() ?? null;
    if (work !== null) this.#running.set(work.item.id, work.item);
    return work;
  }

  settle(items: readonly SettledItem[]): void {
    for (const { itemId, outcome } of items) {
      if (!this.#running.delete(itemId)) {
        throw new Error(`Item ${itemId} was settled, and was not handed out`);
      }
      this.outcomes.set(itemId, outcome);
      this.#settled.get(itemId)?.resolve(endedBy(outcome));
    }
    this.onAdded();
  }

  readonly folderPrefix = "/data/tested/items/";
  useFolder(): void {}

  endedItems(itemIds: readonly number[]): number[] {
    return itemIds.filter((id) => ["completed", "failed"].includes(this.outcomes.get(id)?.kind ?? ""));
  }

  willFail(): boolean {
    return true;
  }

  /** Answers questions about readings. */
  onReadings: (query: ReadingQuery) => Promise<ReadingAnswer> = () =>
    Promise.reject(new Error("this feed has no readings"));

  readings(query: ReadingQuery): Promise<ReadingAnswer> {
    return this.onReadings(query);
  }

  readingNews(): Promise<never> {
    return new Promise(() => {});
  }

  step(_request: StepRequest): Promise<StepAnswer> {
    return Promise.reject(new Error("this feed has no steps"));
  }

  getState(scope: StateScope, key: string, choice: LiveChoice = { source: null }): unknown {
    this.#note(`get_state ${scope}`, choice);
    return this.state.get(`${scope} ${key}`);
  }

  setState(scope: StateScope, key: string, value: unknown, choice: LiveChoice): Promise<void> {
    this.#note(`set_state ${scope}`, choice);
    if (key === "forbidden") return Promise.reject(new Error("the disk is full"));
    if (value === undefined) this.state.delete(`${scope} ${key}`);
    else this.state.set(`${scope} ${key}`, value);
    return Promise.resolve();
  }

  totals(choice: LiveChoice): LiveTotals {
    this.#note("totals", choice);
    return this.sums;
  }

  top(count: number, choice: LiveChoice): TopUser[] {
    this.#note("top", choice);
    return this.givers.slice(0, count);
  }

  #note(what: string, choice: LiveChoice): void {
    this.choices.push(`${what} ${JSON.stringify(choice)}`);
  }
}

function endedBy(outcome: Outcome): Ended {
  switch (outcome.kind) {
    case "completed":
    case "released":
    case "waiting":
      return { kind: outcome.kind };
    case "failed":
    case "crashed":
      return { kind: outcome.kind, error: failureText(outcome.failure) };
  }
}
