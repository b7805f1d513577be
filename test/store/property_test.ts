/** The writer's tables against a plain model of them, over random sequences of operations, commits and lock-outs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import type { Operation } from "../../src/operation.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";
import { Transactions } from "../../src/store/sqlite/transactions.ts";
import { Writer } from "../../src/store/writer.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { addLive, insertItem, openSession, withFolder } from "../support/temporary_store.ts";

const now = 1_700_000_100_000;
const itemCount = 12;

interface ModelItem {
  id: number;
  status: string;
  attempts: number;
  failures: number;
  crashes: number;
  not_before: number | null;
  error: string | null;
  discard_reason: string | null;
}

/** What the tables should hold. */
class Model {
  readonly items = new Map<number, ModelItem>();
  readonly state = new Map<string, unknown>();
  readonly endedStreaks = new Set<number>();

  apply(operation: Operation): void {
    switch (operation.kind) {
      case "insert_item":
        this.items.set(operation.row.id, {
          id: operation.row.id,
          status: operation.as,
          attempts: operation.as === "processing" ? 1 : 0,
          failures: 0,
          crashes: 0,
          not_before: null,
          error: null,
          discard_reason: operation.as === "discarded" ? "queue_full" : null,
        });
        return;
      case "set_state": {
        const key = `${operation.sessionId} ${operation.liveId} ${operation.key}`;
        if (operation.value === undefined) this.state.delete(key);
        else this.state.set(key, operation.value);
        return;
      }
      case "end_streak":
        this.endedStreaks.add(operation.eventId);
        return;
      default:
        if ("id" in operation && typeof operation.id === "number") {
          this.#change(operation as Operation & { id: number });
        }
    }
  }

  #change(operation: Operation & { id: number }): void {
    const item = this.items.get(operation.id);
    if (item === undefined) return;
    const isInHand = "attempts" in operation && item.status === "processing" &&
      item.attempts === operation.attempts;
    if (operation.kind === "discard_item" && item.status === "pending") {
      Object.assign(item, { status: "discarded", discard_reason: operation.reason, not_before: null });
    } else if (operation.kind === "claim_item" && item.status === "pending") {
      Object.assign(item, { status: "processing", attempts: operation.attempts, not_before: null });
    } else if (operation.kind === "finish_item" && isInHand) {
      const { status, failures, crashes, error } = operation;
      Object.assign(item, { status, failures, crashes, error });
    } else if (operation.kind === "release_item" && isInHand) {
      const { failures, crashes, notBefore, error } = operation;
      Object.assign(item, { status: "pending", failures, crashes, not_before: notBefore, error });
    } else if (operation.kind === "retry_item" && ["failed", "discarded"].includes(item.status)) {
      const anew = {
        failures: 0,
        crashes: 0,
        not_before: null,
        error: null,
        discard_reason: null,
      };
      Object.assign(item, { status: "pending", ...anew });
    }
  }
}

/** The same of several items: they are written together where nothing but the id differs. */
interface Several {
  kind: "several";
  ids: number[];
  operation: ItemOperation;
}

type ItemOperation = Extract<
  Operation,
  { kind: "claim_item" | "finish_item" | "release_item" | "retry_item" | "discard_item" }
>;

/** Events, each with a new item, some of which are discarded at once. */
interface Arrivals {
  kind: "arrivals";
  arrivals: {
    type: "LikeEvent" | "CommentEvent";
    as: "pending" | "processing" | "discarded";
    isEvicted: boolean;
  }[];
}

type Step = Operation | Several | Arrivals | "turn" | "lock" | "unlock" | "event";

/** Also of items that come later, or never. */
const id = fc.integer({ min: 1, max: itemCount + 10 });
const attempts = fc.integer({ min: 1, max: 3 });
const counts = {
  id,
  attempts,
  failures: fc.nat(3),
  crashes: fc.nat(3),
  error: fc.option(fc.constant("No.")),
};

const itemOperation = fc.oneof(
  fc.record({
    kind: fc.constant("claim_item" as const),
    id,
    attempts,
    startedAt: fc.constant(now),
  }),
  fc.record({
    kind: fc.constant("finish_item" as const),
    serviceId: fc.constant(1),
    ...counts,
    status: fc.constantFrom("completed" as const, "failed" as const),
    finishedAt: fc.constant(now),
  }),
  fc.record({
    kind: fc.constant("release_item" as const),
    ...counts,
    notBefore: fc.option(fc.constant(now)),
  }),
  fc.record({ kind: fc.constant("retry_item" as const), id }),
  fc.record({
    kind: fc.constant("discard_item" as const),
    serviceId: fc.constant(1),
    id,
    reason: fc.constantFrom("evicted" as const, "emptied" as const, "stale" as const),
    at: fc.constant(now),
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  itemOperation,
  fc.record({
    kind: fc.constant("several" as const),
    ids: fc.array(id, { minLength: 2, maxLength: 10 }),
    operation: itemOperation,
  }),
  fc.record({
    kind: fc.constant("arrivals" as const),
    arrivals: fc.array(
      fc.record({
        type: fc.constantFrom("LikeEvent" as const, "CommentEvent" as const),
        as: fc.constantFrom("pending" as const, "processing" as const, "discarded" as const),
        // Seldom enough that runs of inserts get longer than one statement holds.
        isEvicted: fc.nat(9).map((n) => n === 0),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  }),
  fc.record({
    kind: fc.constant("set_state" as const),
    serviceId: fc.constant(1),
    sessionId: fc.option(fc.constant(1)),
    liveId: fc.option(fc.constant(1)),
    key: fc.constantFrom("a", "b"),
    value: fc.option(fc.integer(), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("end_streak" as const), eventId: fc.integer({ min: 1, max: itemCount }) }),
  fc.constantFrom<Step>("turn", "lock", "unlock", "event", "event"),
);

/** One run: a database of its own, with some events and items to start with. */
class Run {
  readonly model = new Model();
  readonly clock = new FakeClock();
  readonly database: DatabaseSync;
  readonly writer: Writer;
  readonly #other: DatabaseSync;
  readonly #called: number[] = [];
  #added = 0;
  #nextEvent = itemCount + 1;

  constructor(path: string, batchSize: number) {
    this.database = new DatabaseSync(path, { timeout: 0 });
    this.database.exec("PRAGMA journal_mode = WAL");
    migrate(this.database);
    this.database.exec("INSERT INTO service VALUES (1, 'dummy', 'Dummy', 'dummy.ts', 50, 1, '')");
    addLive(path);
    this.#other = new DatabaseSync(path, { timeout: 0 });
    this.writer = new Writer(new Transactions(this.database), { clock: this.clock, batchSize });
    this.#add(openSession(1));
    for (let id = 1; id <= itemCount; id += 1) {
      this.#add({ kind: "insert_event", event: sampleEvent({ id, type: "LikeEvent" }) });
      this.#add(insertItem({ id, eventId: id, as: id === itemCount ? "discarded" : "pending" }));
    }
  }

  async take(step: Step): Promise<void> {
    if (typeof step !== "string") return this.#addAll(step);
    if (step === "event") {
      this.#add({ kind: "insert_event", event: sampleEvent({ id: this.#nextEvent++, type: "LikeEvent" }) });
    }
    if (step === "lock" && !this.#other.isTransaction) this.#other.exec("BEGIN IMMEDIATE");
    if (step === "unlock" && this.#other.isTransaction) this.#other.exec("ROLLBACK");
    if (step === "turn") {
      await nextTurn();
      this.clock.advance(5_000);
    }
  }

  async end(): Promise<void> {
    if (this.#other.isTransaction) this.#other.exec("ROLLBACK");
    this.#other.close();
    await this.writer.stop();
  }

  assertAsModelled(): void {
    assert.deepEqual(this.#called, Array.from({ length: this.#added }, (_, index) => index));
    const items = this.#rows(
      "SELECT id, status, attempts, failures, crashes, not_before, error, discard_reason FROM event_queue ORDER BY id",
    );
    assert.deepEqual(items, [...this.model.items.values()]);
    const state = this.#rows("SELECT session_id, live_id, key, value FROM service_state")
      .map(({ session_id, live_id, key, value }) =>
        [`${session_id} ${live_id} ${key}`, JSON.parse(String(value))] as const
      );
    assert.deepEqual(new Map(state), this.model.state);
    const ended = this.#rows("SELECT id FROM live_event WHERE streak_ended = 1");
    assert.deepEqual(new Set(ended.map(({ id }) => id)), this.model.endedStreaks);
    assert.equal(this.#rows("SELECT id FROM live_event").length, this.#nextEvent - 1);
  }

  #addAll(step: Operation | Several | Arrivals): void {
    if (step.kind === "several") {
      for (const id of step.ids) this.#add({ ...step.operation, id });
    } else if (step.kind === "arrivals") {
      for (const { type, as, isEvicted } of step.arrivals) {
        const id = this.#nextEvent++;
        this.#add({ kind: "insert_event", event: sampleEvent({ id, type }) });
        this.#add(insertItem({ id, eventId: id, as }));
        if (isEvicted) this.#add({ kind: "discard_item", serviceId: 1, id, reason: "evicted", at: now });
      }
    } else {
      this.#add(step);
    }
  }

  #add(operation: Operation): void {
    const index = this.#added++;
    this.model.apply(operation);
    this.writer.add(operation, () => this.#called.push(index));
  }

  #rows(sql: string): Record<string, unknown>[] {
    return this.database.prepare(sql).all().map((row) => ({ ...row }));
  }
}

Deno.test("Whatever is added in whatever order, batches and lock-outs, the tables are as the model says", async () => {
  await withFolder(async (folder) => {
    let runs = 0;
    const steps = fc.array(step, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (steps, batchSize) => {
        const run = new Run(join(folder, `${runs++}.db`), batchSize);
        try {
          for (const step of steps) await run.take(step);
          await run.end();
          run.assertAsModelled();
        } finally {
          run.database.close();
        }
      }),
      { numRuns: 150 },
    );
  });
});
