import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { startRunner } from "../support/runner_under_test.ts";
import { makeEvent } from "../support/events.ts";

const isolation = "process";

Deno.test("A service in a process has the same lifecycle as one in a worker", async () => {
  await using tested = await startRunner("hooks", { isolation });
  assert.deepEqual(await tested.feed.add(1, makeEvent()), { kind: "completed" });
  await tested.runner.stop({ graceMs: 0 });
  assert.deepEqual(tested.log.entries.map(({ text }) => text.split(" ")[0]), [
    "onStart",
    "onEventReceived",
    "processEvent",
    "onEventProcessed",
    "onStop",
  ]);
  assert.equal(tested.clock.timerCount, 0);
});

Deno.test("A service in a process keeps state, and its options are checked", async () => {
  await using keeper = await startRunner("keeper", { isolation });
  await keeper.feed.say(1, "one");
  assert.equal(keeper.feed.state.get("service count"), 1);
  await keeper.feed.say(2, "forget");
  await keeper.log.heard(/^count is undefined$/);
  await using choosy = await startRunner("choosy", { isolation });
  assert.equal(choosy.runner.state.phase, "switched_off");
});

Deno.test("A process that is stuck in a loop is killed, and the next one works", async () => {
  await using tested = await startRunner("scripted", { isolation, timeoutMs: 60_000 });
  const item = tested.feed.say(1, "say and loop");
  await tested.log.heard(/^looping$/);
  while (tested.runner.state.phase === "running") await tested.passSeconds(1);
  assert.deepEqual(await item, {
    kind: "crashed",
    error: "the service has not answered for 5 s: its worker is dead or stuck in a loop",
  });
  assert.ok(!tested.log.entries.some(({ text }) => /use a CPU core/.test(text)));
  await tested.passSeconds(1);
  await tested.reached("running");
  assert.deepEqual(await tested.feed.say(2, "succeed"), { kind: "completed" });
});

Deno.test("An exit in a process counts as a crash of its items", async () => {
  await using tested = await startRunner("scripted", { isolation });
  const outcome = await tested.feed.say(1, "exit");
  assert.deepEqual(outcome, {
    kind: "crashed",
    error: "the service lost its worker: it called Deno.exit with code 3",
  });
});

Deno.test("A process that writes a flood of empty lines is killed, and the lines are not logged", async () => {
  await using tested = await startRunner("scripted", { isolation });
  const outcome = await tested.feed.say(1, "write empty lines");
  assert.deepEqual(outcome, {
    kind: "crashed",
    error: "the service sent a flood of invalid messages: Livecue ended its worker",
  });
  assert.ok(tested.log.entries.every(({ text }) => text !== ""));
});

Deno.test("A process that outgrows its heap dies alone", async () => {
  await using tested = await startRunner("scripted", { isolation, maxMemoryMb: 24 });
  const outcome = await tested.feed.say(1, "fill the heap");
  assert.equal(outcome.kind, "crashed");
  assert.match("error" in outcome ? outcome.error : "", /its process ended \(|MB of memory, over its limit/);
  assert.equal(tested.runner.state.phase, "backing_off");
});

Deno.test("A process whose buffers exceed its limit is killed at its next heartbeat", async () => {
  await using tested = await startRunner("scripted", { isolation, maxMemoryMb: 64 });
  const item = tested.feed.say(1, "fill buffers");
  await tested.log.heard(/^filled$/);
  tested.clock.advance(1000);
  const outcome = await item;
  assert.match("error" in outcome ? outcome.error : "", /it used \d+ MB of memory, over its limit of 64 MB/);
});

Deno.test("A service's process exits with its parent, even in a loop", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const script = new URL("../support/run_looping_service.ts", import.meta.url);
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--no-check", script.href],
    stdout: "piped",
  }).spawn();
  const lines = parent.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let childPid = "";
  while (!childPid.endsWith("\n")) childPid += (await lines.read()).value ?? "";
  parent.kill("SIGKILL");
  await parent.status;
  await lines.cancel();
  while (isAlive(Number(childPid))) await setImmediate();
});

function isAlive(pid: number): boolean {
  try {
    // The state follows the name. A zombie runs nothing, and waits for its new parent.
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
