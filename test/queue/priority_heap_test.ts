import assert from "node:assert/strict";
import fc from "fast-check";
import { PriorityHeap } from "../../src/queue/priority_heap.ts";

interface Entry {
  priority: number;
  id: number;
}

const comesFirst = (a: Entry, b: Entry) => a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;

Deno.test("PriorityHeap pops equal priorities in arrival order", () => {
  const heap = new PriorityHeap(comesFirst);
  for (let id = 0; id < 50; id++) heap.push({ priority: id % 3, id });
  const popped = Array.from({ length: 50 }, () => heap.pop() as Entry);
  assert.deepEqual(popped, [...popped].sort((a, b) => b.priority - a.priority || a.id - b.id));
  assert.equal(heap.pop(), undefined);
});

Deno.test("PriorityHeap refuses a value that it already holds", () => {
  const heap = new PriorityHeap<number>((a, b) => a < b);
  heap.push(1);
  assert.throws(() => heap.push(1), /already/);
});

Deno.test("PriorityHeap behaves like a sorted list under any pushes, pops and removals", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), priority: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ kind: fc.constant("pop" as const) }),
    fc.record({ kind: fc.constant("delete" as const), index: fc.nat(30) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const heap = new PriorityHeap(comesFirst);
    let list: Entry[] = [];
    let nextId = 0;
    for (const given of steps) {
      if (given.kind === "push") {
        const entry = { priority: given.priority, id: nextId++ };
        heap.push(entry);
        list.push(entry);
        list.sort((a, b) => b.priority - a.priority || a.id - b.id);
      } else if (given.kind === "pop") {
        assert.equal(heap.pop(), list.shift());
      } else if (list.length > 0) {
        const entry = list[given.index % list.length] as Entry;
        assert.equal(heap.delete(entry), true);
        assert.equal(heap.delete(entry), false);
        list = list.filter((other) => other !== entry);
      }
      assert.equal(heap.size, list.length);
      assert.equal(heap.peek(), list[0]);
    }
  }));
});
