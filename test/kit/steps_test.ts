/** The steps of one hand-out on the side of the service's code, and what they ask of Livecue. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ItemSteps } from "../../src/kit/steps.ts";
import type { StepAnswer, StepRequest } from "../../src/step.ts";

/** Livecue, which lets each step run at once, and waits as long as `waitMs` says after a failure. */
function handOut(waitMs = 10) {
  const asked: string[] = [];
  const controller = new AbortController();
  let givenBack = 0;
  const answer = (request: StepRequest): StepAnswer => {
    switch (request.kind) {
      case "begin_step":
        return { kind: "run", attempt: 1, key: "k", timeoutMs: 1_000 };
      case "fail_step":
        return { kind: "wait", waitMs };
      default:
        return { kind: "completed", result: "result" in request ? request.result : undefined };
    }
  };
  const steps = new ItemSteps({
    itemId: 1,
    signal: controller.signal,
    ask: (request) => {
      asked.push(`${request.kind} ${request.name}`);
      return Promise.resolve(answer(request));
    },
    wait: (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    describe: String,
    giveBack: () => void givenBack++,
  });
  const stop = () => controller.abort(new DOMException("the service is being stopped", "AbortError"));
  const isGivenBack = async () => {
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    return givenBack === 1;
  };
  return { steps, asked, stop, isGivenBack };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

Deno.test("What a function returns after its item has ended is not noted: the next hand-out may run the step", async () => {
  const { steps, asked } = handOut();
  const { promise: done, resolve: finish } = Promise.withResolvers<string>();
  let signal: AbortSignal | null = null;
  const late = steps.step("a", {}, (step) => {
    signal = step.signal;
    return done;
  });
  await nextTurn();
  steps.end();
  assert.equal((signal as AbortSignal | null)?.aborted, true);
  finish("late");
  await assert.rejects(late, /step\("a"\): item 1 has ended; in processEvent, await each step/);
  assert.deepEqual(asked, ["begin_step a"]);
});

for (const moment of ["its function runs", "it waits for its next try", "it begins"]) {
  Deno.test(`A stop while ${moment} gives the item back, also if the service catches every error`, async () => {
    const { steps, asked, stop, isGivenBack } = handOut();
    if (moment === "it begins") stop();
    const seen: unknown[] = [];
    const work = steps.step("a", {}, async ({ signal }) => {
      if (moment === "it waits for its next try") throw new Error("no network");
      await untilAborted(signal);
    });
    void work.then(() => seen.push("went on"), (error) => seen.push(error));
    await nextTurn();
    stop();
    assert.ok(await isGivenBack());
    assert.deepEqual(seen, []);
    const expected = {
      "its function runs": ["begin_step a"],
      "it waits for its next try": ["begin_step a", "fail_step a"],
      "it begins": [],
    };
    assert.deepEqual(asked, expected[moment as keyof typeof expected]);
  });
}
