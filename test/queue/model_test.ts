/**
 * Compares the dispatcher and its queues with a model. The model keeps a plain list of rows per service and searches it
 * for every decision, as the rules are written. The queues hold a few items in memory and read the others from a table,
 * which gets their decisions late, like a database.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { EventType, LiveEvent } from "../../src/event.ts";
import { EventDispatcher } from "../../src/lives/dispatcher.ts";
import type { Outcome } from "../../src/item.ts";
import type { Subscription } from "../../src/subscription.ts";
import type { QueuedItem } from "../../src/item.ts";
import type { Moment } from "../../src/queue/retries.ts";
import { type QueueRules, ServiceQueue } from "../../src/queue/service_queue.ts";
import type { ItemClassKey, PendingRows } from "../../src/queue/item_class.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { idsFrom } from "../support/ids.ts";

interface Row {
  id: number;
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  status:
    | "reserved"
    | "pending"
    /** Being put back, but not yet in the table. */
    | "returning"
    | "processing"
    | "completed"
    | "failed"
    | "evicted"
    | "queue_full"
    | "emptied";
  failures: number;
  crashes: number;
  notBefore: number;
  /** When its event arrived. */
  at: number;
}

class ModelService {
  readonly rows: Row[] = [];
  /** Whether a worker takes items. */
  isTaking = false;

  constructor(readonly rules: QueueRules, readonly subscriptions: Partial<Record<EventType, Subscription>>) {}

  waiting(): Row[] {
    return this.rows.filter(({ status }) => status === "pending" || status === "reserved");
  }

  running(): Row[] {
    return this.rows.filter((row) => row.status === "processing");
  }

  admit(row: Row): void {
    const isFirst = this.waiting().length === 0;
    this.rows.push(row);
    if (isFirst && this.isTaking && this.#mayTake(row)) {
      row.status = "processing";
      return;
    }
    if (this.waiting().length <= this.rules.maxQueueSize) return;
    const victim = this.waiting()
      .filter((other) => other !== row && other.isDiscardable)
      .sort((a, b) => a.priority - b.priority || a.id - b.id)[0];
    if (victim && victim.priority < row.priority) victim.status = "evicted";
    else row.status = "queue_full";
  }

  /** The waiting items, the next one first. */
  inOrder(now: number): Row[] {
    const { agingMs = null } = this.rules;
    const risen = ({ priority, at }: Row) =>
      agingMs === null ? priority : Math.min(10, priority + Math.floor((now - at) / agingMs));
    return this.waiting().sort((a, b) => risen(b) - risen(a) || a.id - b.id);
  }

  take(now: number): Row | null {
    const next = this.inOrder(now).find((row) => row.status === "pending" && row.notBefore <= now);
    if (!next || !this.#mayTake(next)) return null;
    next.status = "processing";
    return next;
  }

  #mayTake(next: Row): boolean {
    const running = this.running();
    if (running.some((row) => !row.isAsync || row.crashes > 0)) return false;
    if (next.crashes > 0 && running.length > 0) return false;
    return !next.isAsync || running.length < this.rules.maxConcurrency;
  }

  settle(row: Row, ending: Outcome["kind"], now: number): void {
    row.status = "pending";
    row.notBefore = 0;
    if (ending === "completed") row.status = "completed";
    if (ending === "failed") {
      row.failures++;
      row.notBefore = now + this.rules.backoffMs * 2 ** (row.failures - 1);
      if (row.failures >= this.rules.maxAttempts) row.status = "failed";
    }
    if (ending === "crashed" && ++row.crashes >= this.rules.maxCrashes) row.status = "failed";
  }
}

const types = ["GiftEvent", "CommentEvent", "JoinEvent"] as const;

const subscription: fc.Arbitrary<Subscription> = fc.record({
  isEnabled: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, {
    weight: 1,
    arbitrary: fc.constant(false),
  }),
  priority: fc.integer({ min: 1, max: 10 }),
  isAsync: fc.boolean(),
  isDiscardable: fc.boolean(),
  streaks: fc.constantFrom("each" as const, "final" as const),
});

const service = fc.record({
  rules: fc.record({
    maxQueueSize: fc.integer({ min: 1, max: 9 }),
    maxConcurrency: fc.integer({ min: 1, max: 3 }),
    prefetch: fc.constant(1),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    maxCrashes: fc.integer({ min: 1, max: 3 }),
    backoffMs: fc.constant(10),
    agingMs: fc.constantFrom(null, null, 7, 40),
  }),
  subscriptions: fc.record(
    { GiftEvent: subscription, CommentEvent: subscription, JoinEvent: subscription },
    { requiredKeys: [] },
  ),
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("dispatch" as const),
      type: fc.constantFrom(...types),
      added: fc.option(fc.nat(9)),
      ended: fc.option(fc.nat(9)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("commit" as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("take" as const), service: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      service: fc.nat(2),
      which: fc.nat(5),
      ending: fc.constantFrom<Outcome["kind"]>("completed", "failed", "crashed", "released"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("worker" as const),
      service: fc.nat(2),
      isTaking: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("resize" as const),
      service: fc.nat(2),
      size: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("empty" as const),
      service: fc.nat(2),
      part: fc.constantFrom(1, 0.9, 0.5),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("discard" as const), service: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("retry" as const), service: fc.nat(2), which: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Given> ? Given : never;

function eventOf(type: typeof types[number], receivedAt: number): LiveEvent {
  if (type === "GiftEvent") return { ...makeGift(), receivedAt };
  const event = type === "JoinEvent" ? makeEvent({ type, data: { memberCount: 1 } }) : makeEvent();
  return { ...event, receivedAt };
}

const ended = ["failed", "evicted", "queue_full", "emptied", "completed"] as const;
type Stored = QueuedItem & { status: "pending" | "processing" | typeof ended[number] };

/** One service's rows. Changes arrive with the next commit. */
class Table implements PendingRows {
  readonly rows = new Map<number, Stored>();
  #waiting: { id: number; change: Partial<Stored>; item: QueuedItem | null; then: () => void }[] = [];

  write(id: number, change: Partial<Stored>, item: QueuedItem | null = null, then = () => {}): void {
    this.#waiting.push({ id, change, item, then });
  }

  commit(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { id, change, item } of waiting) {
      const row = item === null ? this.rows.get(id) as Stored : { ...item, status: "pending" as const };
      const isDiscard = change.status === "evicted" || change.status === "emptied";
      if (isDiscard && row.status !== "pending") continue;
      this.rows.set(id, { ...row, ...change });
    }
    for (const { then } of waiting) then();
  }

  counts() {
    const pending = [...this.rows.values()].filter(({ status }) => status === "pending");
    const classes = Map.groupBy(pending, ({ priority, isDiscardable }) => `${priority} ${isDiscardable}`);
    return Promise.resolve([...classes.values()].map((rows) => {
      const [{ priority, isDiscardable }] = rows as [Stored];
      return { priority, isDiscardable, count: rows.length };
    }));
  }

  page(given: ItemClassKey & { afterId: number; limit: number }): QueuedItem[] {
    const leaving = new Set(
      this.#waiting.filter(({ change: { status } }) => status === "evicted" || status === "emptied")
        .map(({ id }) => id),
    );
    return this.#pending(given).filter(({ id }) => !leaving.has(id)).slice(0, given.limit)
      .map(({ status: _, ...item }) => ({ ...item }));
  }

  ids(given: ItemClassKey & { afterId: number; beforeId: number; limit: number }): number[] {
    return this.#pending(given).map(({ id }) => id).filter((id) => id < given.beforeId).slice(0, given.limit);
  }

  #pending({ priority, isDiscardable, afterId }: ItemClassKey & { afterId: number }): Stored[] {
    return [...this.rows.values()]
      .filter((row) => row.status === "pending" && row.priority === priority && row.id > afterId)
      .filter((row) => row.isDiscardable === isDiscardable)
      .sort((a, b) => a.id - b.id);
  }
}

const wallLead = 1_700_000_000_000;

/** The code under test, and its model. */
class Run {
  readonly #models: ModelService[];
  readonly #tables: Table[];
  readonly #window: number;
  readonly #dispatcher = new EventDispatcher(idsFrom());
  #queues: ServiceQueue[] = [];
  #inHand: Map<number, QueuedItem>[] = [];
  /** The rows of each emptied queue that are still to be discarded. */
  #emptyings: Iterator<readonly number[]>[][] = [];
  #now = 0;
  #nextId = 1;

  constructor(
    services: { rules: QueueRules; subscriptions: ModelService["subscriptions"] }[],
    window: number,
  ) {
    this.#models = services.map(({ rules, subscriptions }) => new ModelService({ ...rules }, subscriptions));
    this.#tables = services.map(() => new Table());
    this.#window = window;
  }

  async open(): Promise<void> {
    this.#queues = this.#models.map(({ rules }, index) =>
      new ServiceQueue({ ...rules }, { rows: this.#tables[index] as Table, window: this.#window })
    );
    for (const [index, queue] of this.#queues.entries()) {
      await queue.load();
      queue.isTaking = () => this.#model(index).isTaking;
    }
    this.#inHand = this.#models.map(() => new Map());
    this.#emptyings = this.#models.map(() => []);
    this.#dispatcher.subscribers = this.#models.map(({ subscriptions }, index) => ({
      serviceId: index + 1,
      queue: this.#queues[index] as ServiceQueue,
      subscriptions,
    }));
  }

  async take(given: Step): Promise<void> {
    const index = "service" in given ? given.service % this.#models.length : 0;
    switch (given.kind) {
      case "dispatch":
        return this.#dispatch(given);
      case "commit":
        return this.#commit();
      case "take":
        return this.#claim(index);
      case "settle":
        return this.#settle(index, given.which, given.ending);
      case "worker":
        this.#model(index).isTaking = given.isTaking;
        return;
      case "wait":
        this.#now += given.ms;
        return;
      case "resize":
        this.#model(index).rules.maxQueueSize = given.size;
        this.#queue(index).rules.maxQueueSize = given.size;
        return;
      case "empty":
        return this.#empty(index, given.part);
      case "discard":
        return this.#discard(index);
      case "retry":
        return this.#retry(index, given.which);
      case "restart":
        return await this.#restart();
    }
  }

  assertAlike(): void {
    for (const [index, model] of this.#models.entries()) {
      const queue = this.#queue(index);
      assert.equal(queue.pendingCount, model.waiting().length);
      assert.equal(queue.processingCount, model.running().length);
      const shown = queue.pendingItems(this.#moment().now).map(({ id }) => id);
      const inOrder = model.inOrder(this.#now).map(({ id }) => id);
      assert.deepEqual(shown, inOrder.slice(0, shown.length));
    }
  }

  /** Finishes everything in progress. Then each row is as the model says. */
  end(): void {
    for (const index of this.#models.keys()) while (this.#emptyings[index]?.length) this.#discard(index);
    this.#commit();
    for (const [index, { rows }] of this.#models.entries()) {
      const stored = [...this.#table(index).rows.values()].sort((a, b) => a.id - b.id);
      assert.deepEqual(
        stored.map(({ id, status }) => [id, status]),
        rows.map(({ id, status }) => [id, status]),
      );
      for (const row of rows.filter(({ status }) => status === "pending" || status === "failed")) {
        const { failures, crashes, notBefore } = this.#table(index).rows.get(row.id) as Stored;
        assert.deepEqual([failures, crashes], [row.failures, row.crashes]);
        if (row.status === "pending") {
          assert.equal(notBefore, row.notBefore === 0 ? null : wallLead + row.notBefore);
        }
      }
    }
  }

  #dispatch(given: Step & { kind: "dispatch" }): void {
    for (const model of this.#models) {
      const setting = model.subscriptions[given.type];
      if (!setting?.isEnabled) continue;
      if ((setting.streaks === "each" ? given.added : given.ended) === null) continue;
      const { priority, isAsync, isDiscardable } = setting;
      const counts = { failures: 0, crashes: 0, notBefore: 0, at: this.#now };
      model.admit({ id: this.#nextId++, priority, isAsync, isDiscardable, status: "reserved", ...counts });
    }
    for (const decision of this.#dispatcher.dispatch(eventOf(given.type, this.#moment().now), given)) {
      const { item } = decision;
      const index = item.serviceId - 1;
      const table = this.#table(index);
      if (decision.outcome === "queue_full") {
        table.write(item.id, { status: "queue_full" }, item);
        continue;
      }
      if (decision.outcome === "claimed") {
        assert.equal(this.#row(index, item.id).status, "processing");
        table.write(item.id, { status: "processing", attempts: 1 }, item, () => {
          this.#queue(index).commit(item);
          assert.equal(this.#queue(index).start(), item);
          this.#inHand[index]?.set(item.id, item);
        });
        continue;
      }
      table.write(item.id, {}, item, () => {
        this.#queue(index).commit(item);
        const row = this.#row(index, item.id);
        if (row.status === "reserved") row.status = "pending";
      });
      if (decision.outcome === "queued" && decision.evicted) {
        table.write(decision.evicted.id, { status: "evicted" });
      }
    }
  }

  #commit(): void {
    for (const table of this.#tables) table.commit();
  }

  #claim(index: number): void {
    const expected = this.#model(index).take(this.#now);
    const queue = this.#queue(index);
    const claimed = queue.claim(this.#moment());
    assert.equal(claimed?.id, expected?.id);
    if (!claimed) return;
    assert.equal(queue.start(), null, "nothing is handed out before its claim is committed");
    const { id, attempts } = claimed;
    this.#table(index).write(id, { status: "processing", attempts, notBefore: null }, null, () => {
      queue.confirmClaim(claimed);
      assert.equal(queue.start(), claimed);
      this.#inHand[index]?.set(id, claimed);
    });
  }

  #settle(index: number, which: number, ending: Outcome["kind"]): void {
    const inHand = this.#inHand[index] as Map<number, QueuedItem>;
    const running = this.#model(index).running().filter(({ id }) => inHand.has(id));
    const row = running[which % Math.max(1, running.length)];
    if (!row) return;
    this.#model(index).settle(row, ending, this.#now);
    const item = inHand.get(row.id) as QueuedItem;
    inHand.delete(row.id);
    const status = this.#queue(index).settle(item, ending, this.#moment());
    const { failures, crashes, notBefore } = item;
    this.#table(index).write(row.id, { status, failures, crashes, notBefore });
  }

  /** Empties the queue of this part of all ids, so that what came last stays. */
  #empty(index: number, part: number): void {
    this.#commit();
    const upToId = part === 1 ? Infinity : Math.floor(this.#nextId * part);
    const waiting = this.#model(index).waiting().filter(({ id }) => id <= upToId);
    const { count, chunks } = this.#queue(index).empty(upToId);
    assert.equal(count, waiting.length);
    for (const row of waiting) row.status = "emptied";
    this.#emptyings[index]?.push(chunks[Symbol.iterator]());
  }

  /** Discards a chunk of the emptied rows. */
  #discard(index: number): void {
    const [oldest] = this.#emptyings[index] ?? [];
    if (oldest === undefined) return;
    const { value, done } = oldest.next();
    for (const id of value ?? []) this.#table(index).write(id, { status: "emptied" });
    if (done) this.#emptyings[index]?.shift();
  }

  /** Puts an item back by hand, after an emptying has finished: first the row is written, then the queue is told. */
  #retry(index: number, which: number): void {
    if (this.#emptyings[index]?.length) return;
    const stored = this.#table(index).rows;
    const rows = this.#model(index).rows.filter(({ id, status }) =>
      status !== "completed" && ended.some((each) => each === status) && stored.get(id)?.status === status
    );
    const row = rows[which % Math.max(1, rows.length)];
    if (!row) return;
    Object.assign(row, { status: "returning", failures: 0, crashes: 0, notBefore: 0 });
    const anew = { status: "pending", failures: 0, crashes: 0, notBefore: null } as const;
    this.#table(index).write(row.id, anew, null, () => {
      this.#queue(index).restoreRow(row);
      row.status = "pending";
    });
  }

  /** The process dies after a commit: items in progress have crashed, and rows that were not discarded yet are pending. */
  async #restart(): Promise<void> {
    this.#commit();
    for (const [index, model] of this.#models.entries()) {
      for (const row of model.rows) {
        const stored = this.#table(index).rows.get(row.id) as Stored;
        if (row.status === "emptied" && stored.status === "pending") {
          assert.ok(this.#emptyings[index]?.length);
          row.status = "pending";
        }
        if (row.status !== "processing") continue;
        model.settle(row, "crashed", this.#now);
        const status = row.status as "pending" | "failed";
        this.#table(index).write(row.id, { status, crashes: row.crashes, notBefore: null });
      }
    }
    this.#commit();
    await this.open();
  }

  #moment(): Moment {
    return { now: wallLead + this.#now, monotonic: this.#now };
  }

  #model(index: number): ModelService {
    return this.#models[index] as ModelService;
  }

  #queue(index: number): ServiceQueue {
    return this.#queues[index] as ServiceQueue;
  }

  #table(index: number): Table {
    return this.#tables[index] as Table;
  }

  #row(index: number, id: number): Row {
    return this.#model(index).rows.find((row) => row.id === id) as Row;
  }
}

Deno.test("Dispatcher and queues follow the written rules in any sequence of operations", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(service, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 2, 3, 1000),
      fc.array(step, { minLength: 10, maxLength: 120, size: "max" }),
      async (services, window, steps) => {
        const run = new Run(services, window);
        await run.open();
        for (const given of steps) {
          await run.take(given);
          run.assertAlike();
        }
        run.end();
      },
    ),
    { numRuns: 1000 },
  );
});
