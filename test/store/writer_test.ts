import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Operation } from "../../src/operation.ts";
import { brokenRowSentence } from "../../src/store/sqlite/trouble.ts";
import { overBothStores } from "../support/both_stores.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { insertItem, openSession, serviceConfig, withStore } from "../support/temporary_store.ts";

function insertEvent(id: number): Operation {
  return { kind: "insert_event", event: sampleEvent({ id }) };
}

/** What another process would see. */
function committedRows(path: string, table: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  } finally {
    database.close();
  }
}

/** Locks a database for writing; the returned function lets go. */
function lockWriting(path: string): () => void {
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  return () => {
    other.exec("ROLLBACK");
    other.close();
  };
}

Deno.test("Writer commits what one turn added in one transaction, at its end", async () => {
  await withStore(async ({ store, path }) => {
    store.writer.add(openSession(1));
    store.writer.add(insertEvent(1));
    store.writer.add(insertEvent(2));
    assert.equal(committedRows(path, "live_event"), 0);
    assert.equal(store.writer.backlog, 3);

    await nextTurn();
    assert.equal(committedRows(path, "live_event"), 2);
    assert.equal(store.writer.backlog, 0);
  });
});

Deno.test("Writer calls back in order, after the commit", async () => {
  await withStore(async ({ store, path }) => {
    const seen: string[] = [];
    store.writer.add(
      openSession(1),
      () => seen.push(`session, ${committedRows(path, "live_session")} committed`),
    );
    store.writer.add(
      insertEvent(1),
      () => seen.push(`event, ${committedRows(path, "live_event")} committed`),
    );
    await store.writer.flush();
    assert.deepEqual(seen, ["session, 1 committed", "event, 1 committed"]);
  });
});

Deno.test("Writer writes what a callback adds with the next batch, and close waits for it", async () => {
  await withStore(async ({ store, path }) => {
    store.writer.add(openSession(1), () => {
      store.writer.add(insertEvent(1), () => store.writer.add(insertEvent(2)));
    });
    await nextTurn();
    assert.equal(committedRows(path, "live_event"), 0);
    await store.stop();
    assert.equal(committedRows(path, "live_event"), 2);
  });
});

Deno.test("An event too many for a batch commits those before it, with all that belongs to them", async () => {
  await withStore(async ({ store, path }) => {
    await store.syncServices([serviceConfig("dummy")]);
    const seen: number[] = [];
    store.writer.add(openSession(1));
    for (let id = 1; id <= 5; id += 1) {
      store.writer.add(insertEvent(id), () => seen.push(id));
      store.writer.add(insertItem({ id, eventId: id }));
    }
    assert.deepEqual(seen, [1, 2, 3, 4]);
    assert.equal(committedRows(path, "live_event"), 4);
    assert.equal(committedRows(path, "event_queue"), 4);

    await store.writer.flush();
    assert.equal(committedRows(path, "event_queue"), 5);
  }, { batchSize: 2 });
});

overBothStores(
  "A callback that adds many events does not disturb the order of callbacks",
  async ({ store }) => {
    const seen: string[] = [];
    store.writer.add(openSession(1), () => {
      for (let id = 1; id <= 5; id += 1) store.writer.add(insertEvent(id), () => seen.push(`event ${id}`));
    });
    store.writer.add({ kind: "set_config", key: "a", value: "b" }, () => seen.push("config"));
    await store.stop();
    assert.deepEqual(seen, ["config", "event 1", "event 2", "event 3", "event 4", "event 5"]);
  },
  { batchSize: 2 },
);

overBothStores(
  "A callback runs after the commit, and in the order of its operation",
  async ({ store, rows }) => {
    const seen: string[] = [];
    const committed: Promise<unknown>[] = [];
    store.writer.add(openSession(1), () => committed.push(rows("SELECT id FROM live_session")));
    for (let id = 1; id <= 3; id += 1) store.writer.add(insertEvent(id), () => seen.push(`event ${id}`));
    await store.writer.flush();
    assert.deepEqual(seen, ["event 1", "event 2", "event 3"]);
    assert.deepEqual(await Promise.all(committed), [[{ id: 1 }]]);
  },
);

overBothStores("Writer takes an operation's values when it is added", async ({ store }) => {
  const value = { level: 1 };
  await store.syncServices([serviceConfig("dummy")]);
  store.writer.add({ kind: "set_state", serviceId: 1, sessionId: null, liveId: null, key: "level", value });
  value.level = 2;
  await store.writer.flush();
  assert.deepEqual(store.kept.value(1, { sessionId: null, liveId: null }, "level"), { level: 1 });
});

overBothStores(
  "A state that JSON cannot hold is its adder's error, and harms nobody else",
  async ({ store }) => {
    const setState = (value: unknown) =>
      store.writer.add({ kind: "set_state", serviceId: 1, sessionId: null, liveId: null, key: "a", value });
    assert.throws(() => setState(10n), TypeError);
    assert.throws(() => setState(() => 1), /"a" is a function/);

    store.writer.add(openSession(1));
    await store.writer.flush();
    assert.equal(store.reader.sessions({ limit: 10 }).length, 1);
  },
);

Deno.test("A database locked by another program is waited for, and the batch written unchanged", async () => {
  await withStore(async ({ store, path, clock, told }) => {
    const unlock = lockWriting(path);
    const seen: string[] = [];
    store.writer.add(openSession(1), () => seen.push("session"));
    store.writer.add(insertEvent(1), () => seen.push("event 1"));
    await nextTurn();
    assert.equal(store.writer.isHealthy, false);
    assert.match(
      told.join("\n"),
      /^warn: The database is locked by another program.* retries until it works/,
    );

    store.writer.add(insertEvent(2), () => seen.push("event 2"));
    clock.advance(100);
    assert.equal(store.writer.backlog, 3);
    assert.deepEqual(seen, []);

    unlock();
    clock.advance(200);
    await store.writer.flush();
    assert.deepEqual(seen, ["session", "event 1", "event 2"]);
    assert.equal(store.writer.isHealthy, true);
    assert.deepEqual(told.slice(1), ["info: Writing to the database works again."]);
    assert.deepEqual(store.reader.events({ limit: 10 }).map(({ id }) => id), [2, 1]);
  });
});

Deno.test("What piled up in a trouble is written in batches of the usual size", async () => {
  await withStore(async ({ store, path, clock }) => {
    const unlock = lockWriting(path);
    const committedAtCallback: number[] = [];
    store.writer.add(openSession(1));
    await nextTurn();
    for (let id = 1; id <= 5; id += 1) {
      store.writer.add(insertEvent(id), () => committedAtCallback.push(committedRows(path, "live_event")));
    }
    unlock();
    clock.advance(100);
    await store.writer.flush();
    assert.deepEqual(committedAtCallback, [2, 2, 4, 4, 5]);
  }, { batchSize: 2 });
});

Deno.test("A batch that breaks a rule of the tables is a bug: loud, rolled back, never repeated", async () => {
  const bugs: Error[] = [];
  await withStore(async ({ store, path, clock }) => {
    store.writer.add(openSession(1));
    store.writer.add({ kind: "insert_event", event: sampleEvent({ id: 1, sessionId: 77 }) });
    await assert.rejects(
      store.writer.flush(),
      /insert_event \(1, 77, .*could not be written: .*FOREIGN KEY/s,
    );
    assert.equal(bugs.length, 1);
    assert.equal(clock.timerCount, 0);
    assert.equal(store.writer.isHealthy, false);
    assert.throws(() => store.writer.add(openSession(2)), /has stopped/);
    assert.equal(committedRows(path, "live_session"), 0);
  }, { onBug: (error) => bugs.push(error) }).catch((error) =>
    assert.match(error.message, /could not be written/)
  );
  assert.equal(bugs.length, 1);
});

Deno.test("Without a listener a bug is thrown to whoever fills the batch", async () => {
  await withStore(({ store }) => {
    store.writer.add({ kind: "insert_event", event: sampleEvent({ id: 1, sessionId: 77 }) });
    assert.throws(() => store.writer.add(insertEvent(2)), /insert_event .*could not be written/);
  }, { batchSize: 1 }).catch((error) => assert.match(error.message, /could not be written/));
});

Deno.test("After a commit that took long, as on a slow disk, the next one waits until what came meanwhile is read", async () => {
  await withStore(async ({ store, path, clock }) => {
    store.writer.add(openSession(1));
    await store.writer.flush();
    // Each look at the clock is 30 ms later than the one before.
    const { monotonic } = clock;
    clock.monotonic = () => {
      clock.advance(30);
      return monotonic.call(clock);
    };
    store.writer.add(insertEvent(1));
    await store.writer.flush();
    clock.monotonic = monotonic;
    store.writer.add(insertEvent(2));
    await nextTurn();
    assert.equal(committedRows(path, "live_event"), 1);
    await store.writer.flush();
    assert.equal(committedRows(path, "live_event"), 2);
    store.writer.add(insertEvent(3));
    await nextTurn();
    assert.equal(committedRows(path, "live_event"), 3);
  });
});

Deno.test("A stop that begins as a slow try has failed tries again", async () => {
  let stopped = Promise.resolve();
  await withStore(async ({ store, path, clock }) => {
    store.writer.add(openSession(1));
    await store.writer.flush();
    const unlock = lockWriting(path);
    const { monotonic } = clock;
    clock.monotonic = () => {
      clock.advance(30);
      return monotonic.call(clock);
    };
    store.writer.add(insertEvent(1));
    store.writer.beforeCommit(() =>
      queueMicrotask(() => {
        unlock();
        stopped = store.writer.stop();
      })
    );
    await assert.doesNotReject(store.writer.flush());
    await stopped;
    assert.equal(committedRows(path, "live_event"), 1);
  });
});

Deno.test("What becomes of a row that another program changed against the rules is written all the same", async () => {
  await withStore(async ({ store, path, told }) => {
    await store.syncServices([serviceConfig("first")]);
    store.writer.add(openSession(1));
    store.writer.add(insertEvent(1));
    store.writer.add(insertItem({ id: 1, eventId: 1 }));
    await store.writer.flush();
    const other = new DatabaseSync(path);
    other.exec("PRAGMA ignore_check_constraints = ON; UPDATE event_queue SET discard_reason = 'stale'");
    other.close();
    store.writer.add({ kind: "claim_item", id: 1, attempts: 1, startedAt: 1 });
    await store.writer.flush();
    const reader = new DatabaseSync(path, { readOnly: true });
    assert.equal(reader.prepare("SELECT status FROM event_queue").get()?.status, "processing");
    reader.close();
    assert.deepEqual(told, [`warn: ${brokenRowSentence}`]);
  });
});
