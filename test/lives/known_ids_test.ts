import assert from "node:assert/strict";
import { KnownIds } from "../../src/lives/known_ids.ts";
import type { Operation } from "../../src/operation.ts";
import { FakeClock } from "../support/fake_clock.ts";

const dayMs = 24 * 60 * 60_000;

/** A database that holds what was committed. */
function makeKnownIds() {
  const clock = new FakeClock();
  const rows = new Map<string, number>();
  const waiting: { operation: Operation; onCommitted: (() => void) | undefined }[] = [];
  const commit = () => {
    for (const { operation, onCommitted } of waiting.splice(0)) {
      if (operation.kind === "add_known_id") rows.set(`${operation.owner} ${operation.id}`, operation.at);
      onCommitted?.();
    }
  };
  const known = new KnownIds({
    streamer: "",
    clock,
    operations: {
      add: (operation, onCommitted) => void waiting.push({ operation, onCommitted }),
      together: (work) => work(),
      flush: () => Promise.resolve(),
    },
    store: { knownIdAt: (owner, id) => rows.get(`${owner} ${id}`) ?? null },
  });
  return { known, clock, commit };
}

Deno.test("An id is known for a day, whether its row is committed yet or not, and to its owner alone", () => {
  const { known, clock, commit } = makeKnownIds();
  known.add("service:wheel", "a");
  assert.deepEqual([known.has("service:wheel", "a"), known.has("service:other", "a")], [true, false]);
  commit();
  assert.equal(known.has("service:wheel", "a"), true);
  clock.advance(dayMs);
  assert.equal(known.has("service:wheel", "a"), false, "a daily id comes every day");
});

Deno.test("However many ids one commit holds, none of them is forgotten before it", () => {
  const { known } = makeKnownIds();
  for (let id = 0; id < 5_000; id++) known.add("source:tips", String(id));
  assert.equal(known.has("source:tips", "0"), true);
});
