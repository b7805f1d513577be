import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Operation } from "../../src/operation.ts";
import { ReaderThread } from "../../src/store/reader_thread.ts";
import { UserError } from "../../src/user_error.ts";
import { makeLargeDatabase } from "../support/large_database.ts";
import { sampleEvent } from "../support/stored_events.ts";
import {
  insertItem,
  openSession,
  openTemporary,
  serviceConfig,
  withFolder,
  withStore,
} from "../support/temporary_store.ts";

const stored: Operation[] = [
  openSession(1),
  { kind: "insert_event", event: sampleEvent({ id: 1, type: "GiftEvent" }) },
  insertItem({ id: 1, eventId: 1 }),
  { kind: "insert_event", event: sampleEvent({ id: 2 }) },
  insertItem({ id: 2, eventId: 2, as: "discarded" }),
];

Deno.test("The reading thread answers as the reader does, with what is committed", async () => {
  await withStore(async ({ store }) => {
    await store.syncServices([serviceConfig("dino")]);
    for (const operation of stored) store.writer.add(operation);
    await store.writer.flush();
    const { questions, reader } = store;
    assert.deepEqual(await questions.ask("events", { limit: 9 }), reader.events({ limit: 9 }));
    assert.deepEqual(await questions.ask("event", 1), reader.event(1));
    assert.equal(await questions.ask("event", 77), null);
    assert.deepEqual(await questions.ask("queue", { limit: 9 }), reader.queue({ limit: 9 }));
    assert.deepEqual(await questions.ask("itemsOf", 1), reader.itemsOf(1));
    assert.deepEqual(await questions.ask("sessions", { limit: 9 }), reader.sessions({ limit: 9 }));
    assert.deepEqual(await questions.ask("itemCounts"), reader.itemCounts());
    const ended = { serviceSlug: "dino", status: "discarded", before: 99, limit: 9 } as const;
    assert.deepEqual(await questions.ask("endedItems", ended), [
      { id: 2, serviceId: 1, priority: 5, isDiscardable: true, status: "discarded" },
    ]);
  });
});

Deno.test("While a search goes through all events, this thread goes on", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/large.db`;
    makeLargeDatabase({ path, eventCount: 100_000, pendingCount: 1, now: 1_700_000_000_000 });
    const { store } = openTemporary(path);
    let isAnswered = false;
    let turns = 0;
    const search = store.questions.ask("events", { text: "no such words", limit: 9 })
      .then((events) => {
        isAnswered = true;
        return events;
      });
    while (!isAnswered) {
      await nextTurn();
      turns++;
    }
    assert.deepEqual(await search, []);
    assert.ok(turns > 10, `${turns} turns`);
    await store.stop();
  });
});

Deno.test("Of waiting questions with one key only the newest is asked, and all get its answer", async () => {
  await withStore(async ({ store }) => {
    for (const operation of stored) {
      if (operation.kind !== "insert_item") store.writer.add(operation);
    }
    await store.writer.flush();
    const { questions } = store;
    const first = questions.ask("event", 1, "detail");
    const overtaken = questions.ask("event", 77, "detail");
    const other = questions.ask("event", 1, "another");
    const newest = questions.ask("event", 2, "detail");
    assert.deepEqual(
      (await Promise.all([first, overtaken, other, newest])).map((event) => event?.id),
      [1, 2, 1, 2],
    );
  });
});

Deno.test("The reading thread starts and stops as often as it is told, and refuses questions then", async () => {
  await withStore(async ({ path }) => {
    const questions = new ReaderThread({ address: path });
    questions.start();
    questions.start();
    const unanswered = assert.rejects(questions.ask("services"), /is being closed/);
    await Promise.all([questions.stop(), questions.stop(), unanswered]);
    await assert.rejects(questions.ask("services"), /is closed/);
    questions.start();
    await assert.rejects(questions.ask("services"), /is closed/);

    await new ReaderThread({ address: path }).stop();
  });
});

Deno.test("A question to a database that is gone is told as a user's error", async () => {
  await withFolder(async (folder) => {
    const questions = new ReaderThread({ address: `${folder}/none.db` });
    await assert.rejects(questions.ask("services"), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /none\.db: The database cannot be opened/);
      return true;
    });
    await questions.stop();
  });
});
