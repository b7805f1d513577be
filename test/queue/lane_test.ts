import assert from "node:assert/strict";
import fc from "fast-check";
import type { QueuedItem } from "../../src/item.ts";
import { Lane } from "../../src/queue/lane.ts";
import { makeItem } from "../support/events.ts";

/** Mostly as a queue uses a lane: new items go to the end, and the oldest leaves. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("add new" as const), count: fc.integer({ min: 1, max: 900 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("take" as const), count: fc.integer({ min: 1, max: 900 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("add back" as const), which: fc.nat(5_000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), which: fc.nat(5_000) }) },
);

Deno.test("A lane behaves like a sorted list under any sequence of additions and removals", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const lane = new Lane();
      const gone: QueuedItem[] = [];
      let list: QueuedItem[] = [];
      let nextId = 1;
      for (const given of steps) {
        switch (given.kind) {
          case "add new":
            for (let index = 0; index < given.count; index++) {
              const item = makeItem({ id: nextId++ });
              lane.add(item);
              list.push(item);
            }
            break;
          case "take":
            for (const item of list.slice(0, given.count)) {
              assert.equal(lane.first, item);
              assert.equal(lane.delete(item), true);
              gone.push(item);
            }
            list = list.slice(given.count);
            break;
          case "add back": {
            const [item] = gone.splice(given.which % Math.max(1, gone.length), 1);
            if (item === undefined) break;
            assert.equal(lane.has(item.id), false);
            assert.equal(lane.delete(item), false);
            lane.add(item);
            list = [...list, item].sort((a, b) => a.id - b.id);
            assert.throws(() => lane.add(item), /is in the lane already/);
            break;
          }
          case "delete": {
            const [item] = list.splice(given.which % Math.max(1, list.length), 1);
            if (item === undefined) break;
            assert.equal(lane.has(item.id), true);
            assert.equal(lane.delete(item), true);
            gone.push(item);
          }
        }
        assert.equal(lane.size, list.length);
        assert.equal(lane.first, list[0]);
        assert.deepEqual([...lane.values()].map(({ id }) => id), list.map(({ id }) => id));
      }
    }),
    { numRuns: 60 },
  );
});
