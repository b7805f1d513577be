/** One life of a worker that says whatever a test wants, on a clock that is moved by hand. */
import assert from "node:assert/strict";
import type { LiveChoice, SettledItem, StateScope } from "../../src/runner/feed.ts";
import type { MessageToWorker } from "../../src/runner/protocol.ts";
import { maxResultBytes, type StepAnswer, type StepRequest } from "../../src/step.ts";
import { StepBook } from "../../src/step_book.ts";
import { WorkerLife } from "../../src/runner/worker_life.ts";
import { FakeClock } from "./fake_clock.ts";
import { heardLog } from "./heard_log.ts";
import { MemoryFeed } from "./memory_feed.ts";
import { makeService } from "./runner_under_test.ts";

export const emitted = "SpinEvent";

/** Holds what comes through against what the app may rely on. */
class StrictFeed extends MemoryFeed {
  readonly #clock: FakeClock;
  /** The steps of the items that the worker has. */
  readonly #books = new Map<number, StepBook>();

  constructor(clock: FakeClock) {
    super();
    this.#clock = clock;
  }

  override settle(items: readonly SettledItem[]): void {
    for (const { itemId, outcome, runMs } of items) {
      this.#books.delete(itemId);
      assert.ok(Number.isFinite(runMs) && runMs >= 0);
      if (outcome.kind !== "completed") continue;
      for (const { type, data, id } of outcome.emitted) {
        assert.equal(type, emitted);
        assert.equal(typeof data, "object");
        assert.ok(id === null || (id.isWellFormed() && id.length <= 200));
      }
    }
    super.settle(items);
  }

  override setState(scope: StateScope, key: string, value: unknown, choice: LiveChoice): Promise<void> {
    assert.ok(["service", "live", "session"].includes(scope));
    assert.ok(typeof key === "string" && key !== "" && key.isWellFormed());
    assert.ok(value === undefined || JSON.stringify(value).length <= 2 ** 20);
    return super.setState(scope, key, value, choice);
  }

  // deno-lint-ignore require-await -- a mistake rejects
  override async step(request: StepRequest): Promise<StepAnswer> {
    const { itemId, name } = request;
    assert.ok(this.running.includes(itemId));
    assert.ok(name !== "" && name.length <= 200 && name.isWellFormed());
    if (request.kind === "complete_step") {
      assert.ok(JSON.stringify(request.result ?? null).length <= maxResultBytes);
    }
    const book = this.#books.get(itemId) ??
      new StepBook({ item: { id: itemId, attempts: 1 }, kept: [], write() {} });
    this.#books.set(itemId, book);
    if (request.kind === "show_step") {
      book.show(request);
      return { kind: "completed" };
    }
    const decision = book.answer(request, this.#clock.now());
    return decision.kind === "run"
      ? { ...decision, key: "key", timeoutMs: decision.timeoutMs ?? 5_000 }
      : decision;
  }
}

export class WorkerTalk {
  readonly clock = new FakeClock();
  readonly feed = new StrictFeed(this.clock);
  readonly log = heardLog();
  readonly posted: MessageToWorker[] = [];
  readonly life: WorkerLife;
  isOver = false;
  #hear: (data: unknown) => void = () => {};
  #print: (text: string) => void = () => {};
  #given = 0;

  constructor() {
    this.feed.prefetch = 10_000;
    this.life = new WorkerLife({
      service: makeService("scripted", { emits: [emitted], timeoutMs: 5_000 }),
      feed: this.feed,
      clock: this.clock,
      log: this.log,
      openTransport: ({ onMessage, onPrinted }) => {
        this.#hear = onMessage;
        this.#print = (text) => onPrinted("info", text);
        const post = (message: MessageToWorker) => void this.posted.push(message);
        return { canKill: true, ledger: null, children: null, post, terminate: () => Promise.resolve() };
      },
      describeOptionMistakes: () => [],
      placeOfOption: () => "",
      onReady() {},
      onSettled() {},
      onOver: () => this.isOver = true,
    });
  }

  /** What comes from the worker: a message's text, or anything else. */
  hear(data: unknown): void {
    this.#hear(data);
  }

  /** A line that a program of the service's prints, past all that Livecue redirects. */
  print(text: string): void {
    this.#print(text);
  }

  /** Items with the next ids, from 1. */
  give(count: number): void {
    if (!this.life.canTakeItems) return;
    for (let i = 0; i < count; i++) void this.feed.say(++this.#given, "hello", { isAsync: i % 3 !== 0 });
    const works = Array.from({ length: count }, () => this.feed.next()).filter((work) => work !== null);
    this.life.give(works);
  }

  /** Stops it, and sees that each item has ended once. */
  async end(): Promise<void> {
    const stopped = this.life.stop(0);
    for (let i = 0; i < 6; i++) {
      await Promise.resolve();
      this.clock.advance(1_000);
    }
    await stopped;
    assert.deepEqual([this.feed.running, this.isOver], [[], true]);
    assert.equal(this.feed.outcomes.size, this.#given);
    assert.equal(this.clock.timerCount, 0);
    assert.ok(this.log.entries.every(({ text }) => typeof text === "string" && text.length <= 25_000));
  }
}
