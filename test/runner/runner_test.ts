import assert from "node:assert/strict";
import { makeService, RunnerUnderTest, startRunner } from "../support/runner_under_test.ts";

Deno.test("A runner takes all items that its feed offers, and again when woken", async () => {
  await using tested = new RunnerUnderTest(makeService("scripted"));
  const early = [tested.feed.say(1, "succeed"), tested.feed.say(2, "succeed")];
  assert.deepEqual(tested.runner.state, { phase: "stopped" });
  await tested.runner.start();
  assert.deepEqual(tested.runner.state, { phase: "running" });
  assert.deepEqual(await Promise.all(early), [{ kind: "completed" }, { kind: "completed" }]);
  assert.deepEqual(await tested.feed.say(3, "succeed"), { kind: "completed" });
  assert.equal(tested.runner.stats.completedCount, 3);
});

Deno.test("A sync item blocks the items behind it until it is settled", async () => {
  await using tested = await startRunner("scripted", { timeoutMs: 1000 });
  const first = tested.feed.say(1, "give up when told", { isAsync: false });
  const second = tested.feed.say(2, "succeed", { isAsync: false });
  assert.deepEqual(tested.feed.running, [1]);
  tested.clock.advance(1000);
  assert.equal((await first).kind, "failed");
  assert.deepEqual(await second, { kind: "completed" });
});

Deno.test("A runner's stats list the items in the worker, and since when", async () => {
  await using tested = await startRunner("scripted");
  const [startedAt, readyAt] = [tested.clock.now(), tested.clock.monotonic()];
  tested.feed.say(1, "never answer");
  tested.clock.advance(100);
  const { inFlight, stats: { startedAt: since } } = tested.runner;
  assert.equal(since, readyAt);
  assert.deepEqual(inFlight.map(({ item, ...rest }) => ({ id: item.id, ...rest })), [
    { id: 1, eventType: "CommentEvent", startedAt, runMs: 100 },
  ]);
});

Deno.test("A paused runner hands out nothing, and continues when resumed", async () => {
  await using tested = await startRunner("scripted");
  const running = tested.feed.say(1, "say and succeed later");
  // An item that the worker has not begun would be held, too.
  await tested.log.heard(/^began 1/);
  tested.runner.pause();
  const waiting = tested.feed.say(2, "succeed");
  assert.deepEqual(await running, { kind: "completed" });
  assert.equal(tested.runner.isPaused, true);
  assert.equal(tested.feed.waitingCount, 1);
  tested.runner.resume();
  assert.deepEqual(await waiting, { kind: "completed" });
});

Deno.test("A stop lets running items finish, takes no others, and calls onStop last", async () => {
  await using tested = await startRunner("scripted");
  const running = tested.feed.say(1, "say so and succeed when a stop begins");
  await tested.log.heard(/^waiting/);
  const stopped = tested.runner.stop({ graceMs: 3000 });
  assert.deepEqual(tested.runner.state, { phase: "stopping" });
  tested.feed.say(2, "succeed");
  assert.deepEqual(await running, { kind: "completed" });
  await stopped;
  assert.deepEqual(tested.runner.state, { phase: "stopped" });
  assert.equal(tested.feed.waitingCount, 1);
  await tested.log.heard(/^stopping, signal aborted$/);
  assert.equal(tested.clock.timerCount, 0);
});

Deno.test("A service learns when a stop begins, so that it can end its waits", async () => {
  await using tested = await startRunner("scripted");
  const waiting = tested.feed.say(1, "say so and succeed when a stop begins");
  await tested.log.heard(/^waiting/);
  await tested.runner.stop({ graceMs: 3000 });
  assert.deepEqual(await waiting, { kind: "completed" });
});

Deno.test("Items that do not finish within a stop's grace are aborted and released", async () => {
  await using tested = await startRunner("scripted");
  const polite = tested.feed.say(1, "give up when told");
  const quick = tested.feed.say(2, "succeed when told to stop");
  const deaf = tested.feed.say(3, "never answer");
  // The worker begins items in their order.
  void tested.feed.say(4, "say");
  await tested.log.heard(/^said 4$/);
  const stopped = tested.runner.stop({ graceMs: 3000 });
  tested.clock.advance(3000);
  assert.deepEqual(await polite, { kind: "released" });
  assert.deepEqual(await quick, { kind: "completed" });
  await tested.log.heard(/gave up: AbortError, the service is being stopped/);
  await tested.passSeconds(1);
  await stopped;
  assert.deepEqual(await deaf, { kind: "released" });
  await tested.log.heard(/^stopping, signal aborted$/);
});

Deno.test("A stop ends in time even if onStop never ends", async () => {
  await using tested = await startRunner("hangs_on_stop");
  const item = tested.feed.say(1, "");
  const stopped = tested.runner.stop({ graceMs: 0 });
  await tested.passSeconds(1);
  await tested.log.heard(/^stopping$/);
  await tested.passSeconds(2);
  await stopped;
  assert.deepEqual(await item, { kind: "released" });
  assert.deepEqual(tested.runner.state, { phase: "stopped" });
});

Deno.test("A stop may come before the start, during it, and twice", async () => {
  const tested = new RunnerUnderTest(makeService("hangs_on_start"));
  await tested.runner.stop({ graceMs: 0 });
  const started = tested.runner.start();
  await Promise.all([tested.runner.stop({ graceMs: 0 }), tested.runner.stop({ graceMs: 0 })]);
  await started;
  assert.deepEqual(tested.runner.state, { phase: "stopped" });
  await tested.runner.stop({ graceMs: 0 });
  assert.equal(tested.clock.timerCount, 0);
});

Deno.test("A service whose start fails is restarted after 1, 2, 4 … 60 s, and switched off after ten restarts", async () => {
  await using tested = await startRunner("hooks", { options: { throwing: "onStart" } });
  const waits: number[] = [];
  while (tested.runner.state.phase === "backing_off") {
    const waitMs = tested.runner.state.nextAt - tested.clock.monotonic();
    waits.push(waitMs / 1000);
    const restarting = tested.reached("starting");
    tested.clock.advance(waitMs);
    await restarting;
    await Promise.race([tested.reached("backing_off"), tested.reached("switched_off")]);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  const errors = tested.log.entries.filter(({ level }) => level === "error").map(({ text }) => text);
  assert.equal(errors.length, 2);
  assert.match(
    errors[0] ?? "",
    /^the service could not start: Error: onStart broke; next try in 1 s\n.*hooks\.ts:\d+:\d+\)$/s,
  );
  assert.match(errors[1] ?? "", /switched off, after 10 restarts without a success.*restart it/s);
});

Deno.test("A failed start is reported in one sentence, even if the service's message ends with a period", async () => {
  await using tested = await startRunner("hooks", {
    options: { throwing: "onStart", saying: "Close the other program." },
  });
  await tested.log.heard(/Error: Close the other program; next try in 1 s/);
});

Deno.test("A switched-off service keeps its items, and a restart or a changed config brings it back", async () => {
  await using tested = await startRunner("choosy", { options: {} });
  assert.equal(tested.runner.state.phase, "switched_off");
  const item = tested.feed.say(1, "");
  assert.equal(tested.feed.waitingCount, 1);
  await tested.runner.restart({ service: makeService("choosy", { options: { count: 1 } }) });
  assert.deepEqual(tested.runner.state, { phase: "running" });
  assert.deepEqual(await item, { kind: "completed" });
});

Deno.test("A completed item resets the count of restarts", async () => {
  await using tested = await startRunner("scripted");
  for (let id = 1; id <= 3; id++) {
    await tested.feed.say(id, "exit");
    assert.equal(nextDelayMs(tested), 1000 * 2 ** (id - 1));
    tested.clock.advance(nextDelayMs(tested));
    await tested.reached("running");
  }
  await tested.feed.say(10, "succeed");
  await tested.feed.say(11, "exit");
  assert.equal(nextDelayMs(tested), 1000);
});

Deno.test("A long life that ends while an item is handled is not a success", async () => {
  await using tested = await startRunner("scripted");
  for (let id = 1; id <= 2; id++) {
    tested.clock.advance(120_000);
    await tested.feed.say(id, "exit");
    assert.equal(nextDelayMs(tested), 1000 * id);
    tested.clock.advance(nextDelayMs(tested));
    await tested.reached("running");
  }
});

Deno.test("A service that is not ready within a minute is restarted", async () => {
  await using tested = new RunnerUnderTest(makeService("hangs_on_start"));
  const started = tested.runner.start();
  tested.clock.advance(60_000);
  await started;
  assert.equal(tested.runner.state.phase, "backing_off");
  await tested.log.heard(/the service was not ready within 60 s; next try in 1 s/);
});

Deno.test("A stop during a restart wins over the restart", async () => {
  await using tested = await startRunner("scripted");
  const restarted = tested.runner.restart({ graceMs: 0 });
  const stopped = tested.runner.stop({ graceMs: 0 });
  await Promise.all([restarted, stopped]);
  assert.deepEqual(tested.runner.state, { phase: "stopped" });
  assert.equal(tested.clock.timerCount, 0);
});

Deno.test("A start during a stop waits for the stop, then starts the service again", async () => {
  await using tested = await startRunner("scripted");
  const stopped = tested.runner.stop({ graceMs: 0 });
  const started = tested.runner.start();
  await Promise.all([stopped, started]);
  assert.deepEqual(tested.runner.state, { phase: "running" });
});

Deno.test("A wall clock that is set back or forward changes no age, uptime or wait", async () => {
  await using tested = await startRunner("scripted");
  tested.feed.say(1, "never answer");
  await tested.passSeconds(1);
  tested.clock.shiftWall(-3_600_000);
  const { inFlight, stats: { lastPongAt } } = tested.runner;
  const ageMs = tested.clock.monotonic() - (lastPongAt ?? NaN);
  assert.ok(ageMs >= 0 && ageMs <= 1000, `${ageMs}`);
  assert.equal(inFlight[0]?.runMs, 1000);
  // Far in the wall clock's future, but the worker lived less than a minute, so the count of restarts goes on.
  tested.clock.shiftWall(7_200_000);
  await tested.feed.say(2, "exit");
  assert.equal(nextDelayMs(tested), 1000);
  tested.clock.shiftWall(-3_600_000);
  tested.clock.advance(1000);
  await tested.reached("running");
});

function nextDelayMs({ runner, clock }: RunnerUnderTest): number {
  assert.equal(runner.state.phase, "backing_off");
  return runner.state.phase === "backing_off" ? runner.state.nextAt - clock.monotonic() : NaN;
}
