/** Items that are posted to a worker ahead of their turn: the outcome of each, whatever one of them does. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { ServiceConfig } from "../../src/service.ts";
import type { MessageFromWorker, MessageToWorker } from "../../src/runner/protocol.ts";
import { WorkerLife } from "../../src/runner/worker_life.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { heardLog } from "../support/heard_log.ts";
import { Gate } from "../support/gate.ts";
import { type Ended, MemoryFeed } from "../support/memory_feed.ts";
import {
  makeService,
  noPermissions,
  type RunnerUnderTest,
  startRunner,
} from "../support/runner_under_test.ts";

const sync = { isAsync: false };
const count = 64;
const culprit = 20;
const isolations = ["worker", "shared", "process"] as const;

/** Adds items 1 to `count`, each with its words, and posts them together. */
function postTogether(
  tested: RunnerUnderTest,
  count: number,
  wordsOf: (id: number) => string,
  item = sync,
): Promise<Ended>[] {
  const { feed, runner } = tested;
  feed.prefetch = count;
  feed.onAdded = () => {};
  const ends = Array.from({ length: count }, (_, index) => feed.say(index + 1, wordsOf(index + 1), item));
  feed.onAdded = () => runner.wake();
  runner.wake();
  assert.equal(feed.running.length, count);
  return ends;
}

/** The worker stops at the gate with each item. */
async function startGated(gate: Gate, given: Partial<ServiceConfig>): Promise<RunnerUnderTest> {
  const { permissions, options } = gate.service() as Pick<ServiceConfig, "permissions" | "options">;
  return await startRunner("gated", { permissions: { ...noPermissions, ...permissions }, options, ...given });
}

/** Resolves when the worker has received everything posted so far. */
async function pong(tested: RunnerUnderTest): Promise<void> {
  tested.clock.advance(1000);
  const askedAt = tested.clock.monotonic();
  while (tested.runner.stats.lastPongAt !== askedAt) await setImmediate();
}

async function assertOnlyCulprit(ends: Promise<Ended>[], kind: "crashed" | "failed"): Promise<void> {
  const kinds = (await Promise.all(ends)).map((end) => end.kind);
  assert.equal(kinds[culprit - 1], kind);
  for (const before of kinds.slice(0, culprit - 1)) assert.match(before, /^(completed|released)$/);
  assert.deepEqual(new Set(kinds.slice(culprit)), new Set(["released"]));
}

/**
 * Of the items from the first on, so many had begun. The one that had also ended counts as a crash unless the worker had
 * time to report its end.
 */
function assertCrashed(kinds: string[], { begun, ended }: { begun: number; ended: number }): void {
  assert.match(kinds[ended - 1] ?? "", /^(crashed|completed)$/);
  const others = kinds.filter((_, index) => index !== ended - 1);
  assert.deepEqual(others, others.map((_, index) => index < begun - 1 ? "crashed" : "released"));
}

for (const isolation of isolations) {
  for (const way of ["say and loop", "exit"]) {
    Deno.test(`Only the item that does "${way}" crashes of those posted together, in a ${isolation}`, async () => {
      await using tested = await startRunner("scripted", { isolation, timeoutMs: 60_000 });
      const words = new Map([[culprit - 1, "say"], [culprit, way]]);
      const ends = postTogether(tested, count, (id) => words.get(id) ?? "succeed");
      await tested.log.heard(way === "exit" ? /^said/ : /^looping$/);
      while (way !== "exit" && tested.runner.state.phase === "running") await tested.passSeconds(1);
      await assertOnlyCulprit(ends, "crashed");
    });
  }

  Deno.test(`Of async items posted together, only those that had begun crash, in a ${isolation}`, async () => {
    await using tested = await startRunner("scripted", { isolation, timeoutMs: 60_000 });
    const words = ["never answer", "succeed later", "say and loop"];
    const ends = postTogether(tested, 6, (id) => words[id - 1] ?? "never answer", { isAsync: true });
    await tested.log.heard(/^looping$/);
    while (tested.runner.state.phase === "running") await tested.passSeconds(1);
    const kinds = (await Promise.all(ends)).map(({ kind }) => kind);
    assertCrashed(kinds, { begun: 3, ended: 2 });
  });

  Deno.test(`Only the item that never answers fails of those posted together, in a ${isolation}`, async () => {
    await using tested = await startRunner("scripted", { isolation, timeoutMs: 1000 });
    const ends = postTogether(tested, count, (id) => id === culprit ? "never answer" : "succeed");
    for (const end of ends.slice(0, culprit - 1)) assert.deepEqual(await end, { kind: "completed" });
    tested.clock.advance(999);
    assert.deepEqual(tested.feed.outcomes.get(culprit), undefined);
    tested.clock.advance(1001);
    await assertOnlyCulprit(ends, "failed");
  });

  Deno.test(`Items that a worker ended before an exit are successes, in a ${isolation}`, async () => {
    await using tested = await startRunner("scripted", { isolation });
    const ends = await Promise.all(postTogether(tested, 3, (id) => id === 3 ? "exit" : "succeed"));
    assert.deepEqual(ends.map(({ kind }) => kind), ["completed", "completed", "crashed"]);
  });

  Deno.test(`An item's time limit starts when the worker begins it, in a ${isolation}`, async () => {
    await using gate = new Gate();
    await using tested = await startGated(gate, { isolation, timeoutMs: 1000 });
    const ends = postTogether(tested, 6, () => "");
    for (const [index, end] of ends.slice(0, 5).entries()) {
      await gate.arrival(index + 1);
      tested.clock.advance(600);
      gate.answer(index + 1);
      assert.deepEqual(await end, { kind: "completed" });
    }
    tested.clock.advance(999);
    assert.equal(tested.feed.outcomes.get(6), undefined);
    tested.clock.advance(1 + 1000);
    assert.deepEqual(await ends[5], { kind: "failed", error: "timed out after 1 s" });
  });

  Deno.test(`A pause holds items that wait in the worker, and a resume continues in order, in a ${isolation}`, async () => {
    await using gate = new Gate();
    await using tested = await startGated(gate, { isolation });
    const ends = postTogether(tested, 4, () => "");
    await gate.arrival(1);
    tested.runner.pause();
    await pong(tested);
    gate.answer(1);
    assert.deepEqual(await ends[0], { kind: "completed" });
    tested.clock.advance(60_000);
    await pong(tested);
    assert.deepEqual([gate.arrived, tested.feed.running], [[1], [2, 3, 4]]);
    tested.runner.resume();
    gate.open();
    for (const end of ends) assert.deepEqual(await end, { kind: "completed" });
    assert.deepEqual(gate.arrived, [1, 2, 3, 4]);
  });

  Deno.test(`More items run at once as soon as a service may run more, in a ${isolation}`, async () => {
    await using gate = new Gate();
    await using tested = await startGated(gate, { isolation });
    tested.feed.maxConcurrency = 1;
    postTogether(tested, 4, () => "", { isAsync: true });
    await gate.arrival(1);
    await pong(tested);
    assert.deepEqual(gate.arrived, [1]);
    tested.feed.maxConcurrency = 3;
    tested.runner.wake();
    await gate.arrival(3);
    await pong(tested);
    assert.deepEqual(gate.arrived.toSorted(), [1, 2, 3]);
    gate.answer(1);
    await gate.arrival(4);
  });

  for (const isAsync of [false, true]) {
    const kind = isAsync ? "async" : "sync";
    Deno.test(`A stop gets through between many short ${kind} items, in a ${isolation}`, async () => {
      await using tested = await startRunner("scripted", { isolation });
      // Three milliseconds each: half of them take long enough for a stop to arrive, even on a busy machine.
      const many = 512;
      const ends = postTogether(tested, many, () => "compute", { isAsync });
      await tested.runner.stop({ graceMs: 60_000 });
      const kinds = (await Promise.all(ends)).map(({ kind }) => kind);
      const firstBack = kinds.indexOf("released");
      assert.ok(firstBack >= 1 && firstBack <= many / 2, `${firstBack} were begun`);
      assert.deepEqual(new Set(kinds.slice(0, firstBack)), new Set(["completed"]));
      assert.deepEqual(new Set(kinds.slice(firstBack)), new Set(["released"]));
    });
  }

  Deno.test(`A service's timers run between many short items, in a ${isolation}`, async () => {
    await using tested = await startRunner("scripted", { isolation });
    assert.deepEqual(await tested.feed.say(100, "every"), { kind: "completed" });
    await Promise.all(postTogether(tested, count, () => "compute and say"));
    const texts = tested.log.entries.map(({ text }) => text);
    const during = texts.slice(texts.indexOf("computed 1"), texts.indexOf(`computed ${count}`));
    assert.ok(during.includes("a moment has passed"));
  });

  Deno.test(`A service's messages and its items' ends arrive in order, in a ${isolation}`, async () => {
    await using tested = await startRunner("scripted", { isolation });
    const settle = tested.feed.settle.bind(tested.feed);
    tested.feed.settle = (items) => {
      for (const { itemId } of items) tested.log.info(`ended ${itemId}`);
      settle(items);
    };
    await Promise.all(postTogether(tested, 4, (id) => id % 2 === 0 ? "print" : "say"));
    assert.deepEqual(tested.log.entries.map(({ text }) => text), [
      "said 1",
      "ended 1",
      "printed 2",
      "ended 2",
      "said 3",
      "ended 3",
      "printed 4",
      "ended 4",
    ]);
  });

  Deno.test(`A stop returns items that have not begun, and lets the others finish, in a ${isolation}`, async () => {
    await using tested = await startRunner("scripted", { isolation });
    const [first, ...others] = postTogether(tested, 5, () => "say so and succeed when a stop begins");
    await tested.log.heard(/^waiting/);
    await tested.runner.stop({ graceMs: 60_000 });
    assert.deepEqual(await first, { kind: "completed" });
    for (const end of await Promise.all(others)) assert.deepEqual(end, { kind: "released" });
  });

  Deno.test(`A stop returns all items of a stuck worker, in a ${isolation}`, async () => {
    await using tested = await startRunner("scripted", { isolation });
    const ends = postTogether(tested, 5, () => "loop");
    const stopped = tested.runner.stop({ graceMs: 1000 });
    await tested.passSeconds(5);
    await stopped;
    for (const end of await Promise.all(ends)) assert.deepEqual(end, { kind: "released" });
    assert.equal(tested.clock.timerCount, 0);
  });
}

Deno.test("A killed process's last messages arrive, and only items that it had begun crash", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using tested = await startRunner("scripted", {
    isolation: "process",
    permissions: { ...noPermissions, run: true },
  });
  const words = ["never answer", "say", "kill"];
  const ends = postTogether(tested, 5, (id) => words[id - 1] ?? "never answer", { isAsync: true });
  const kinds = (await Promise.all(ends)).map(({ kind }) => kind);
  assertCrashed(kinds, { begun: 3, ended: 2 });
  assert.ok(tested.log.entries.some(({ text }) => text === "said 2"));
});

Deno.test("The time limit runs for an item that the worker began before it received the pause", () => {
  const clock = new FakeClock();
  const feed = new MemoryFeed();
  const posted: MessageToWorker[] = [];
  let hear: (message: MessageFromWorker) => void = () => {};
  const life = new WorkerLife({
    service: makeService("scripted", { timeoutMs: 1000 }),
    feed,
    clock,
    log: heardLog(),
    openTransport({ onMessage }) {
      hear = (message) => onMessage(JSON.stringify(message));
      return {
        canKill: true,
        ledger: null,
        children: null,
        post: (message) => posted.push(message),
        terminate: () => Promise.resolve(),
      };
    },
    describeOptionMistakes: () => [],
    placeOfOption: () => "",
    onReady() {},
    onSettled() {},
    onOver() {},
  });
  hear({ kind: "ready" });
  feed.prefetch = 3;
  for (const id of [1, 2, 3]) feed.say(id, "", sync);
  const works = [feed.next(), feed.next(), feed.next()].filter((work) => work !== null);
  life.give(works);
  life.isHeld = true;
  // The worker had ended the first and begun the second when it got the hold; it ended the second then.
  hear({ kind: "ended", ends: [{ itemId: 1, failure: null, emitted: [] }] });
  hear({ kind: "held" });
  clock.advance(999);
  assert.deepEqual(life.inFlight.map(({ item, runMs }) => [item.id, runMs]), [[2, 999], [3, 0]]);
  clock.advance(1);
  assert.deepEqual(
    posted.filter(({ kind }) => kind === "abort").map((abort) => "itemId" in abort && abort.itemId),
    [
      2,
    ],
  );
  hear({ kind: "crashed", error: "it is gone" });
  assert.deepEqual([...feed.outcomes].map(([id, { kind }]) => [id, kind]), [
    [1, "completed"],
    [2, "failed"],
    [3, "released"],
  ]);
  assert.equal(clock.timerCount, 0);
});
