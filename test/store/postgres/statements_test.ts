/** PostgreSQL's statements against SQLite's: the same operations leave the same rows. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import type { Operation } from "../../../src/operation.ts";
import type { Engine } from "../../../src/store/postgres/engine.ts";
import { PostgresQuery } from "../../../src/store/postgres/query.ts";
import { piecesOf } from "../../../src/store/postgres/statements.ts";
import { BatchError } from "../../../src/store/postgres/trouble.ts";
import { migrate } from "../../../src/store/sqlite/schema.ts";
import { Transactions } from "../../../src/store/sqlite/transactions.ts";
import { bind, type BoundOperation } from "../../../src/store/statements.ts";
import type { ViewerChange } from "../../../src/viewer.ts";
import { HeardEngine } from "../../support/engine_under_test.ts";
import { type Postgres, testWithPostgres } from "../../support/postgres.ts";
import { everyEvent, sampleEvent } from "../../support/stored_events.ts";
import { insertItem, openSession } from "../../support/temporary_store.ts";

const at = 1_700_000_100_000;
const highest = Number.MAX_SAFE_INTEGER;

/** The rows that are compared. Ids of viewers are the database's own. */
const views = [
  "SELECT * FROM live",
  "SELECT * FROM live_session",
  "SELECT * FROM live_event",
  "SELECT * FROM event_queue",
  "SELECT * FROM item_step",
  "SELECT * FROM service_state",
  "SELECT * FROM live_giver",
  "SELECT * FROM gift",
  "SELECT * FROM known_id",
  "SELECT * FROM config WHERE meta_key <> 'database_id'",
  `SELECT platform, user_id, unique_id, nickname, first_seen, last_seen, lives, gifts, diamonds, comments
    FROM viewer`,
  `SELECT user_id, live_id, viewer_live.first_seen, viewer_live.last_seen, viewer_live.gifts,
    viewer_live.diamonds, viewer_live.comments FROM viewer_live JOIN viewer ON viewer.id = viewer_live.viewer_id`,
  `SELECT user_id, viewer_name.unique_id, viewer_name.nickname, viewer_name.first_seen
    FROM viewer_name JOIN viewer ON viewer.id = viewer_name.viewer_id`,
  "SELECT * FROM viewer_mark",
];

/** Both databases, with a service, a live and a session. */
class Both implements AsyncDisposable {
  readonly #heard: HeardEngine;
  readonly #query: PostgresQuery;
  #sqlite: DatabaseSync | null = null;

  private constructor(heard: HeardEngine, query: PostgresQuery) {
    this.#heard = heard;
    this.#query = query;
  }

  static async open(server: Postgres): Promise<Both> {
    const address = await server.createDatabase();
    const heard = await HeardEngine.open({ address });
    await heard.engine.take("");
    const both = new Both(heard, await PostgresQuery.open(address));
    await both.empty();
    return both;
  }

  get engine(): Engine {
    return this.#heard.engine;
  }

  async empty(): Promise<void> {
    const tables = "live, event_queue, gift, known_id, config, service, viewer, viewer_mark";
    const service = "INSERT INTO service VALUES (1, 'dummy', 'Dummy', 'dummy.ts', 50, 1, '')";
    const statements = [`TRUNCATE ${tables} CASCADE`, service].map((sql) => ({ sql, values: [] }));
    await this.engine.execute(statements);
    this.#sqlite?.close();
    this.#sqlite = new DatabaseSync(":memory:");
    migrate(this.#sqlite);
    this.#sqlite.exec(service);
    const live = { id: 1, sourceType: "demo", roomId: "7", username: "ana", title: "", startedAt: at };
    await this.write([{ kind: "open_live", live, streamer: "" }, {
      kind: "open_live",
      live: { ...live, id: 2 },
      streamer: "b",
    }]);
    await this.write([openSession(1), openSession(2)]);
  }

  /** Writes a batch to both. */
  async write(operations: readonly Operation[]): Promise<void> {
    const bound = operations.map(bind);
    assert.equal(new Transactions(this.#sqlite as DatabaseSync).write(bound), null);
    await this.engine.write(bound, "");
  }

  async writeToPostgres(bound: readonly BoundOperation[]): Promise<void> {
    await this.engine.write(bound, "");
  }

  all<Row>(sql: string): Row[] {
    return this.#query.all<Row>(sql);
  }

  assertSame(): void {
    for (const sql of views) {
      const rows = (this.#sqlite as DatabaseSync).prepare(sql).all().map((row) => ({ ...row }));
      assert.deepEqual(sorted(this.#query.all<object>(sql)), sorted(rows), sql);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sqlite?.close();
    this.#query.close();
    await this.#heard[Symbol.asyncDispose]();
  }
}

function sorted(rows: readonly object[]): object[] {
  const key = (row: object) => JSON.stringify(Object.entries(row).sort(([a], [b]) => a < b ? -1 : 1));
  return rows.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
}

const itemId = fc.integer({ min: 1, max: 40 });
const attempts = fc.integer({ min: 1, max: 2 });
const few = fc.nat(3);
const amount = fc.oneof(fc.nat(100), fc.constant(highest - 1));
const moment = fc.integer({ min: at, max: at + 5 });
const text = fc.constantFrom("", "a", 'b"\\{},', "NULL", "ñ🦖\n'", "x\u0001", "$1");
const optionalText = fc.option(text);
const userId = fc.constantFrom("u1", "u2", "u3");

const itemChange: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("claim_item" as const), id: itemId, attempts, startedAt: moment }),
  fc.record({
    kind: fc.constant("finish_item" as const),
    serviceId: fc.constant(1),
    id: itemId,
    attempts,
    status: fc.constantFrom("completed" as const, "failed" as const),
    failures: few,
    crashes: few,
    finishedAt: moment,
    error: optionalText,
  }),
  fc.record({
    kind: fc.constant("release_item" as const),
    id: itemId,
    attempts,
    failures: few,
    crashes: few,
    notBefore: fc.option(moment),
    error: optionalText,
  }),
  fc.record({ kind: fc.constant("retry_item" as const), id: itemId }),
  fc.record({ kind: fc.constant("keep_item" as const), id: itemId, attempts, crashes: few }),
  fc.record({
    kind: fc.constant("discard_item" as const),
    serviceId: fc.constant(1),
    id: itemId,
    reason: fc.constantFrom("evicted" as const, "emptied" as const, "stale" as const),
    at: moment,
  }),
  fc.record({
    kind: fc.constant("set_aside_item" as const),
    serviceId: fc.constant(1),
    id: itemId,
    error: text,
    at: moment,
  }),
);

const step: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant("save_step" as const),
    itemId,
    itemAttempts: attempts,
    step: fc.record({
      name: fc.constantFrom("one", "two"),
      seq: fc.integer({ min: 1, max: 2 }),
      attempts: few,
      failures: few,
      startedAt: moment,
      notBefore: fc.option(moment),
      error: optionalText,
    }).chain((parts) =>
      fc.constantFrom(
        { ...parts, status: "running" as const, finishedAt: null, progress: { done: 0.5, text: "half" } },
        { ...parts, status: "completed" as const, finishedAt: at, progress: null },
        { ...parts, status: "failed" as const, finishedAt: at, progress: null },
      )
    ),
    result: fc.option(fc.jsonValue(), { nil: undefined }),
  }) as unknown as fc.Arbitrary<Operation>,
  fc.record({ kind: fc.constant("renew_steps" as const), itemId, isFromStart: fc.boolean() }),
);

const change = fc.record({
  platform: fc.constantFrom("tiktok", "demo"),
  userId,
  liveId: fc.constantFrom(1, 2),
  firstSeen: moment,
  lastSeen: moment,
  uniqueId: text,
  nickname: text,
  gifts: amount,
  diamonds: amount,
  comments: amount,
});

const ofLives: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant("close_session" as const),
    id: fc.constantFrom(1, 2),
    status: fc.constantFrom("completed" as const, "aborted" as const),
    endedAt: moment,
    reason: text,
    eventsTo: fc.nat(9),
  }),
  fc.record({ kind: fc.constant("extend_session" as const), id: fc.constant(1), eventId: fc.nat(20) }),
  fc.record({
    kind: fc.constant("update_shed" as const),
    id: fc.constant(1),
    shed: fc.constant({ Like: 2 }),
  }),
  fc.record({ kind: fc.constant("save_streaks_from" as const), sessionId: fc.constant(1), eventId: itemId }),
  // Every third event has no streak.
  fc.record({ kind: fc.constant("end_streak" as const), eventId: itemId.filter((id) => id % 3 > 0) }),
  fc.record({
    kind: fc.constant("add_giver" as const),
    liveId: fc.constant(1),
    giver: fc.record({ userId, uniqueId: text, nickname: text, diamonds: amount, gifts: amount }),
  }) as unknown as fc.Arbitrary<Operation>,
  fc.record({
    kind: fc.constant("add_gift" as const),
    gift: fc.record({ id: fc.nat(2), name: text, diamondCount: amount, imageUrl: text }),
    count: amount,
    at: moment,
  }) as unknown as fc.Arbitrary<Operation>,
  fc.record({ kind: fc.constantFrom("add_viewer" as const, "add_viewer_live" as const), change }),
  fc.record({
    kind: fc.constant("mark_viewer" as const),
    mark: fc.record(
      { platform: fc.constant("demo"), userId, note: optionalText, isBlocked: fc.boolean() },
      { requiredKeys: ["platform", "userId"] },
    ),
  }),
);

const ofServices: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("add_known_id" as const), owner: text, id: text, at: moment }),
  fc.record({ kind: fc.constant("forget_known_ids" as const), before: moment }),
  fc.record({ kind: fc.constant("set_config" as const), key: text, value: text }),
  fc.record({
    kind: fc.constant("set_state" as const),
    serviceId: fc.constant(1),
    sessionId: fc.option(fc.constant(1)),
    liveId: fc.option(fc.constant(1)),
    key: text,
    value: fc.option(text, { nil: undefined }),
  }),
);

/** New events of several kinds, each with an item. */
interface Arrivals {
  kind: "arrivals";
  as: readonly ("pending" | "processing" | "discarded")[];
}

const arrivals: fc.Arbitrary<Arrivals> = fc.record({
  kind: fc.constant("arrivals" as const),
  as: fc.array(fc.constantFrom("pending" as const, "processing" as const, "discarded" as const), {
    minLength: 1,
    maxLength: 25,
  }),
});

/** Runs of the same change, so that some are long enough to become one statement. */
const run = fc.oneof(
  arrivals.map((arrivals) => [arrivals]),
  fc.array(itemChange, { maxLength: 30 }),
  fc.tuple(itemChange, fc.uniqueArray(itemId, { maxLength: 20 })).map(([change, ids]) =>
    ids.map((id) => ({ ...change, id }) as Operation)
  ),
  fc.array(fc.oneof(step, ofLives, ofServices), { maxLength: 10 }),
);

/** Gives the arrivals of all batches their ids. */
class Numbered {
  #next = 1;

  operations(batch: readonly (Operation | Arrivals)[]): Operation[] {
    return batch.flatMap((each) => each.kind === "arrivals" ? this.#arrivals(each) : [each]);
  }

  #arrivals({ as }: Arrivals): Operation[] {
    return as.flatMap((as) => {
      const id = this.#next++;
      const type = (["CommentEvent", "LikeEvent", "GiftEvent"] as const)[id % 3]!;
      const causes = id % 4 === 0 ? { causedBy: id - 1, depth: 1, isTest: id % 8 === 0 } : {};
      return [
        { kind: "insert_event" as const, event: sampleEvent({ id, type, ...causes }) },
        insertItem({ id, eventId: id, as, count: id % 5 }),
      ];
    });
  }
}

testWithPostgres("The same operations leave the same rows in PostgreSQL as in SQLite", async (server) => {
  await using both = await Both.open(server);
  const batches = fc.array(fc.array(run, { maxLength: 5 }).map((runs) => runs.flat()), { maxLength: 6 });
  const property = fc.asyncProperty(batches, async (batches) => {
    await both.empty();
    const numbered = new Numbered();
    for (const batch of batches) await both.write(numbered.operations(batch));
    both.assertSame();
  });
  await fc.assert(property, { numRuns: 60 });
});

testWithPostgres(
  "Many viewers are counted in few statements, also those who rename or change lives",
  async (server) => {
    await using both = await Both.open(server);
    const change = (viewer: number, rest: Partial<ViewerChange> = {}): ViewerChange => ({
      platform: "tiktok",
      userId: `u${viewer}`,
      liveId: 1,
      firstSeen: at + viewer,
      lastSeen: at + viewer,
      uniqueId: `viewer "${viewer}"`,
      nickname: viewer % 3 === 0 ? "" : `V\\${viewer}`,
      gifts: 1,
      diamonds: viewer,
      comments: highest,
      ...rest,
    });
    const counted = (changes: readonly ViewerChange[]) =>
      changes.flatMap((change): Operation[] => [
        { kind: "add_viewer", change },
        { kind: "add_viewer_live", change },
      ]);
    const viewers = Array.from({ length: 40 }, (_, viewer) => viewer);
    const once = counted(viewers.map((viewer) => change(viewer)));
    assert.equal(piecesOf(once.map(bind)).pieces.length, 2);
    await both.write([
      ...once,
      ...counted(viewers.map((viewer) => change(viewer % 30, { nickname: `Renamed ${viewer}` }))),
      ...counted(viewers.map((viewer) => change(viewer, { liveId: 1 + viewer % 2 }))),
    ]);
    await both.write(counted(viewers.map((viewer) => change(viewer + 20, { liveId: 2 }))));
    both.assertSame();
  },
);

testWithPostgres("Many rows become few statements, and few rows one each", () => {
  const rowsOf = (count: number) => {
    const events = Array.from({ length: count }, (_, index) => index + 1);
    const arriving = events.flatMap((id): Operation[] => [
      { kind: "insert_event", event: sampleEvent({ id }) },
      insertItem({ id, eventId: id, as: "processing" }),
    ]);
    const claimed = events.map((id): Operation => ({ kind: "claim_item", id, attempts: id, startedAt: at }));
    return piecesOf([...arriving, ...claimed].map(bind)).pieces.length;
  };
  assert.equal(rowsOf(7), 21);
  assert.equal(rowsOf(8), 3);
  assert.equal(rowsOf(2000), 3);
  assert.equal(rowsOf(2001), 6);
  return Promise.resolve();
});

testWithPostgres(
  "Hostile texts are written as they are, but for NUL and lone surrogates, at any size",
  async (server) => {
    await using both = await Both.open(server);
    const texts = [
      "a\0b",
      "lone \ud800 x",
      "👩‍👩‍👧‍👦 \u202e",
      '{"}\\"',
      "NULL",
      "",
      "ñ".repeat(500_000),
      "\\x00",
      "\u0001",
    ];
    const few = texts.map((comment, index) => eventWith(index + 1, comment));
    const many = texts.flatMap((comment, index) =>
      Array.from({ length: 3 }, (_, copy) => eventWith(100 + index * 10 + copy, comment))
    );
    await both.engine.write(few.slice(0, 5).map(bind), "");
    await both.engine.write(few.slice(5).map(bind), "");
    await both.engine.write(many.map(bind), "");
    const rows = both.all<{ id: number; user_nickname: string }>(
      "SELECT id, user_nickname FROM live_event ORDER BY id",
    );
    const expected = (text: string) => text.replaceAll("\0", "\ufffd").replaceAll("\ud800", "\ufffd");
    for (const { id, user_nickname } of rows) {
      const index = id < 100 ? id - 1 : Math.floor((id - 100) / 10);
      assert.equal(user_nickname, expected(texts[index] as string) || null);
    }
    assert.equal(rows.length, texts.length * 4);
  },
);

function eventWith(id: number, nickname: string): Operation {
  const user = { id: "7", uniqueId: "ana", nickname, avatarUrl: "", roles: [] };
  return { kind: "insert_event", event: sampleEvent({ id, user }) };
}

testWithPostgres(
  "Events of every type are written, and sums stop at the highest exact number",
  async (server) => {
    await using both = await Both.open(server);
    const events = everyEvent().map((event): Operation => ({ kind: "insert_event", event }));
    const giver = { userId: "7", uniqueId: "ana", nickname: "Ana", diamonds: 2 ** 60, gifts: 1 };
    const given: Operation = { kind: "add_giver", liveId: 1, giver };
    await both.write([...events, given, given]);
    both.assertSame();
    assert.deepEqual(both.all("SELECT diamonds, gifts FROM live_giver"), [{ diamonds: highest, gifts: 2 }]);
  },
);

testWithPostgres("A batch that breaks a rule says which operation it was", async (server) => {
  await using both = await Both.open(server);
  const event = (id: number, isWrong = false): Operation => ({
    kind: "insert_event",
    event: sampleEvent({ id, sessionId: isWrong ? 99 : 1 }),
  });
  const config: Operation = { kind: "set_config", key: "a", value: "b" };
  const batch = [event(1), config, event(2), event(3, true), config].map(bind);
  const error = await both.writeToPostgres(batch).catch((error) => error);
  assert.ok(error instanceof BatchError, String(error));
  assert.deepEqual([error.code, error.index], ["23503", 3]);
  assert.deepEqual(both.all("SELECT id FROM live_event"), []);
});
