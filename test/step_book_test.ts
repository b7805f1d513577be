import assert from "node:assert/strict";
import { type Step } from "../src/step.ts";
import { StepBook } from "../src/step_book.ts";

const rules = { retries: 3, backoffMs: 1_000, timeoutMs: null };
const named = { itemId: 1, name: "ask" };

Deno.test("A failed step waits as long as its server asks, and never less than its own wait", () => {
  const saved: (Step | undefined)[] = [];
  const book = new StepBook({
    item: { id: 1, attempts: 1 },
    kept: [],
    write: (operation) => saved.push("step" in operation ? operation.step : undefined),
  });
  const fail = (leastWaitMs: number, now: number) => {
    book.answer({ kind: "begin_step", ...named, rules, sleepMs: null }, now);
    return book.answer({ kind: "fail_step", ...named, error: "busy", isFinal: false, leastWaitMs }, now);
  };
  assert.deepEqual(fail(90_000, 5), { kind: "wait", waitMs: 90_000 });
  assert.equal(saved.at(-1)?.notBefore, 90_005);
  assert.deepEqual(fail(1, 100_000), { kind: "wait", waitMs: 2_000 });
});

Deno.test("Names beyond the 1,000th step are refused with what to do", () => {
  const book = new StepBook({ item: { id: 1, attempts: 1 }, kept: [], write() {} });
  const begin = (name: string) =>
    book.answer({ kind: "begin_step", itemId: 1, name, rules: { ...rules, timeoutMs: 5 }, sleepMs: null }, 0);
  for (let i = 0; i < 1_000; i++) assert.equal(begin(`step ${i}`).kind, "run");
  assert.throws(() => begin("one more"), /at most 1000 steps: do several things in one step/);
});
