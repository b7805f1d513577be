import assert from "node:assert/strict";
import { startRunner } from "../support/runner_under_test.ts";

Deno.test("An item over its time limit is aborted, and fails whatever it then answers", async () => {
  await using tested = await startRunner("scripted", { timeoutMs: 5000 });
  const polite = tested.feed.say(1, "give up when told");
  const late = tested.feed.say(2, "succeed when told to stop");
  tested.clock.advance(5000);
  assert.deepEqual(await polite, { kind: "failed", error: "timed out after 5 s" });
  assert.deepEqual(await late, { kind: "failed", error: "timed out after 5 s" });
  await tested.log.heard(/gave up: TimeoutError, timed out after 5 s/);
  assert.equal(tested.runner.state.phase, "running");
  assert.deepEqual(await tested.feed.say(3, "succeed"), { kind: "completed" });
});

Deno.test("An item over its time limit is aborted, even if earlier items kept the worker from beginning it", async () => {
  await using tested = await startRunner("scripted", { timeoutMs: 5000 });
  const { feed, runner, clock } = tested;
  feed.onAdded = () => {};
  // More items than a worker handles in one turn.
  for (let id = 1; id <= 5; id++) void feed.say(id, "compute");
  const last = feed.say(6, "give up when told");
  runner.wake();
  clock.advance(5000);
  assert.deepEqual(await last, { kind: "failed", error: "timed out after 5 s" });
  await tested.log.heard(/gave up: TimeoutError, timed out after 5 s/);
  assert.equal(runner.state.phase, "running");
});

Deno.test("A service's own sentence about an item over its time limit is kept with the item", async () => {
  await using tested = await startRunner("scripted", { timeoutMs: 5000 });
  const item = tested.feed.say(1, "complain when told");
  tested.clock.advance(5000);
  const error = "timed out after 5 s: the hat is empty: put a rabbit in";
  assert.deepEqual(await item, { kind: "failed", error });
});

Deno.test("An item that does not answer its abort within a second gets the worker replaced, its neighbors released", async () => {
  await using tested = await startRunner("scripted", { timeoutMs: 5000 });
  const culprit = tested.feed.say(1, "never answer");
  tested.clock.advance(3000);
  const neighbor = tested.feed.say(2, "never answer");
  tested.clock.advance(3000);
  assert.deepEqual(await culprit, { kind: "failed", error: "timed out after 5 s" });
  assert.deepEqual(await neighbor, { kind: "released" });
  assert.equal(tested.runner.state.phase, "backing_off");
  await tested.log.heard(/the service did not end item 1 after its abort; next try in 1 s/);
  tested.clock.advance(1000);
  await tested.reached("running");
  assert.deepEqual(await tested.feed.say(3, "succeed"), { kind: "completed" });
  assert.equal(tested.runner.stats.restarts, 1);
});

Deno.test("Time in which the main thread was stopped does not count for an item", async () => {
  await using tested = await startRunner("scripted", { timeoutMs: 5000 });
  const item = tested.feed.say(1, "give up when told");
  tested.clock.advance(2000);
  tested.clock.stall(90_000);
  tested.clock.advance(2900);
  assert.equal(tested.runner.state.phase, "running");
  assert.deepEqual(tested.feed.running, [1]);
  tested.clock.advance(1100);
  assert.deepEqual(await item, { kind: "failed", error: "timed out after 5 s" });
});

Deno.test("An item that ends in time leaves no timer behind", async () => {
  await using tested = await startRunner("scripted");
  const idle = tested.clock.timerCount;
  await tested.feed.say(1, "succeed");
  assert.equal(tested.clock.timerCount, idle);
});

for (
  const [way, message] of [["exit", /it called Deno\.exit with code 3/], [
    "close",
    /it called close/,
  ]] as const
) {
  Deno.test(`A worker that its service ends by ${way} is noticed at once, and counts as a crash of all its items`, async () => {
    await using tested = await startRunner("scripted");
    const neighbor = tested.feed.say(1, "never answer");
    const culprit = tested.feed.say(2, way);
    for (const outcome of await Promise.all([neighbor, culprit])) {
      assert.equal(outcome.kind, "crashed");
      assert.match("error" in outcome ? outcome.error : "", message);
    }
    assert.deepEqual(tested.feed.running, []);
    tested.clock.advance(1000);
    await tested.reached("running");
    assert.deepEqual(await tested.feed.say(3, "succeed"), { kind: "completed" });
  });
}

Deno.test("A worker that leaves five pings unanswered is replaced", async () => {
  await using tested = await startRunner("blocks");
  const item = tested.feed.say(1, "block");
  // The worker is handling an item, and its thread answers nothing until the test releases it.
  await tested.log.heard(/^blocking$/);
  await tested.passSeconds(4);
  assert.equal(tested.runner.state.phase, "running");
  await tested.passSeconds(2);
  assert.equal(tested.runner.state.phase, "backing_off");
  assert.deepEqual(await item, {
    kind: "crashed",
    error: "the service has not answered for 5 s: its worker is dead or stuck in a loop",
  });
  const advice = await tested.log.heard(/may use a CPU core.*"isolation": "process"/s);
  assert.equal(advice.level, "warn");
});

Deno.test("Late answers of a replaced worker are ignored", async () => {
  await using tested = await startRunner("scripted", { timeoutMs: 5000 });
  const item = tested.feed.say(1, "succeed when told to stop");
  // The abort and the replacement happen together, so the answer comes after both. A second answer would throw in the
  // feed.
  tested.clock.advance(6000);
  assert.deepEqual(await item, { kind: "failed", error: "timed out after 5 s" });
  tested.clock.advance(1000);
  await tested.reached("running");
  assert.deepEqual(await tested.feed.say(2, "succeed"), { kind: "completed" });
});
