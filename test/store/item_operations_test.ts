import assert from "node:assert/strict";
import type { Operation } from "../../src/operation.ts";
import type { Store } from "../../src/store/store.ts";
import { overBothStores, type StoreUnderTest } from "../support/both_stores.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { insertItem, openSession, serviceConfig } from "../support/temporary_store.ts";

const now = 1_700_000_001_000;

function claim(attempts: number): Operation {
  return { kind: "claim_item", id: 1, attempts, startedAt: now };
}

function finish(attempts: number, status: "completed" | "failed" = "completed"): Operation {
  const isFailed = status === "failed";
  const failures = isFailed ? 1 : 0;
  const error = isFailed ? "It returned false." : null;
  return {
    kind: "finish_item",
    serviceId: 1,
    id: 1,
    attempts,
    status,
    failures,
    crashes: 0,
    finishedAt: now,
    error,
  };
}

function release(attempts: number): Operation {
  return {
    kind: "release_item",
    id: 1,
    attempts,
    failures: 1,
    crashes: 2,
    notBefore: now + 1000,
    error: "It returned false.",
  };
}

/** Runs `use` with a store that holds one pending item, number 1. */
async function withItem(
  { store }: StoreUnderTest,
  use: (write: (...operations: Operation[]) => Promise<void>, store: Store) => Promise<void>,
) {
  const write = async (...operations: Operation[]) => {
    for (const operation of operations) store.writer.add(operation);
    await store.writer.flush();
  };
  await store.syncServices([serviceConfig("dummy")]);
  await write(
    openSession(1),
    { kind: "insert_event", event: sampleEvent({ id: 1 }) },
    insertItem({ id: 1, eventId: 1 }),
  );
  await use(write, store);
}

overBothStores("An item's life is kept: pending, processing, completed", async (parts) => {
  await withItem(parts, async (write, store) => {
    assert.equal(store.reader.item(1)?.status, "pending");
    await write(claim(1));
    const claimed = store.reader.item(1);
    assert.deepEqual([claimed?.status, claimed?.attempts, claimed?.startedAt], ["processing", 1, now]);
    await write(finish(1));
    const finished = store.reader.item(1);
    assert.deepEqual([finished?.status, finished?.finishedAt, finished?.error], ["completed", now, null]);
  });
});

overBothStores("A late answer of an earlier hand-out changes nothing", async (parts) => {
  await withItem(parts, async (write, store) => {
    await write(claim(1), release(1), claim(2));
    const before = store.reader.item(1);
    await write(finish(1), finish(1, "failed"), release(1));
    assert.deepEqual(store.reader.item(1), before);
    await write(finish(2), finish(2, "failed"), release(2), claim(3));
    assert.equal(store.reader.item(1)?.status, "completed");
  });
});

overBothStores(
  "A released item is pending again, with its counts, its error and its earliest moment",
  async (parts) => {
    await withItem(parts, async (write, store) => {
      await write(claim(1), release(1));
      const item = store.reader.item(1);
      assert.deepEqual(
        [item?.status, item?.attempts, item?.failures, item?.crashes, item?.notBefore, item?.error],
        ["pending", 1, 1, 2, now + 1000, "It returned false."],
      );
      await write(claim(2));
      assert.equal(store.reader.item(1)?.notBefore, null);
    });
  },
);

overBothStores("Only a pending item can be discarded", async (parts) => {
  await withItem(parts, async (write, store) => {
    await write(claim(1), { kind: "discard_item", serviceId: 1, id: 1, reason: "emptied", at: now });
    assert.equal(store.reader.item(1)?.status, "processing");
    await write(release(1), { kind: "discard_item", serviceId: 1, id: 1, reason: "emptied", at: now });
    const item = store.reader.item(1);
    assert.deepEqual([item?.status, item?.discardReason, item?.finishedAt], ["discarded", "emptied", now]);
  });
});

overBothStores("An item evicted before its row was written is stored as evicted", async (parts) => {
  await withItem(parts, async (write, store) => {
    await write(insertItem({ id: 2, eventId: 1 }), {
      kind: "discard_item",
      serviceId: 1,
      id: 2,
      reason: "evicted",
      at: now,
    });
    const item = store.reader.item(2);
    assert.deepEqual([item?.status, item?.discardReason], ["discarded", "evicted"]);
  });
});

overBothStores("An item dropped on arrival is stored as discarded", async (parts) => {
  await withItem(parts, async (write, store) => {
    await write(insertItem({ id: 2, eventId: 1, createdAt: now, as: "discarded" }));
    const item = store.reader.item(2);
    assert.deepEqual([item?.status, item?.discardReason, item?.finishedAt], ["discarded", "queue_full", now]);
  });
});

overBothStores(
  "A failed or discarded item can be put back, with all anew but its count of hand-outs; others cannot",
  async (parts) => {
    await withItem(parts, async (write, store) => {
      const asNew = store.reader.item(1);
      await write(claim(1), { kind: "retry_item", id: 1 });
      assert.equal(store.reader.item(1)?.status, "processing");
      await write(finish(1, "failed"), { kind: "retry_item", id: 1 });
      assert.deepEqual(store.reader.item(1), { ...asNew, attempts: 1 });
      await write({ kind: "discard_item", serviceId: 1, id: 1, reason: "stale", at: now }, {
        kind: "retry_item",
        id: 1,
      });
      assert.deepEqual(store.reader.item(1), { ...asNew, attempts: 1 });
    });
  },
);
