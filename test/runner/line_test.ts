import assert from "node:assert/strict";
import fc from "fast-check";
import { Line } from "../../src/runner/line.ts";

interface Item {
  id: number;
  isAsync: boolean;
  state: "waiting" | "running" | "gone";
}

/** A single list of all items, which is searched for each question. */
class Model {
  readonly items: Item[] = [];
  maxConcurrency = 1;
  isHeld = false;

  begin(): Item | null {
    const running = this.items.filter(({ state }) => state === "running");
    const next = this.items.find(({ state }) => state === "waiting");
    if (next === undefined || this.isHeld || running.some(({ isAsync }) => !isAsync)) return null;
    if (next.isAsync && running.length >= this.maxConcurrency) return null;
    return next;
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), isAsync: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("begin" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("leave" as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hold" as const), isHeld: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("allow" as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Given> ? Given : never;

function take(given: Step, line: Line<Item>, model: Model): void {
  const there = model.items.filter(({ state }) => state !== "gone");
  switch (given.kind) {
    case "add": {
      const item: Item = { id: model.items.length, isAsync: given.isAsync, state: "waiting" };
      model.items.push(item);
      line.add(item);
      return;
    }
    case "begin": {
      const next = model.begin();
      assert.equal(line.begin(), next);
      if (next !== null) next.state = "running";
      return;
    }
    case "leave": {
      const item = there[given.which % Math.max(1, there.length)];
      if (item === undefined) return;
      line.leave(item);
      item.state = "gone";
      return;
    }
    case "hold":
      line.isHeld = model.isHeld = given.isHeld;
      return;
    case "allow":
      line.maxConcurrency = model.maxConcurrency = given.count;
      return;
    case "clear": {
      const waiting = there.filter(({ state }) => state === "waiting");
      assert.deepEqual(line.clear(), waiting);
      for (const item of waiting) item.state = "gone";
    }
  }
}

Deno.test("A line begins items by its rules under any sequence of arrivals, ends, holds and returns", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const [line, model] = [new Line<Item>(), new Model()];
      for (const given of steps) {
        take(given, line, model);
        assert.equal(line.isEmpty, model.items.every(({ state }) => state === "gone"));
      }
    }),
    { numRuns: 500 },
  );
});
