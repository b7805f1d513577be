import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { makeService } from "../support/runner_under_test.ts";
import { HostUnderTest, startOwner } from "../support/remote_under_test.ts";

Deno.test("A service on another machine handles items, and what it logs and refuses comes back", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  await using owner = await startOwner(host);
  assert.deepEqual(owner.runner.state, { phase: "running" });
  assert.deepEqual(await owner.feed.say(1, "say"), { kind: "completed" });
  await owner.log.heard(/^said 1$/);
  const refused = await owner.feed.say(2, "complain");
  assert.equal(refused.kind, "failed");
  assert.match((refused as { error: string }).error, /put a rabbit in/);
  assert.equal(owner.runner.stats.completedCount, 1);
});

Deno.test("The state, the totals and the events of a service on another machine are those of its owner", async () => {
  await using host = new HostUnderTest([
    makeService("keeper"),
    makeService("spinner", { slug: "spinner", emits: ["SpinEvent"] }),
  ]);
  await using owner = await startOwner(host);
  await owner.feed.say(1, "one");
  await owner.feed.say(2, "two");
  assert.equal(owner.feed.state.get("service count"), 2);
  assert.deepEqual(owner.feed.state.get("session last"), { said: "two" });
  await using other = await startOwner(host, { slug: "spinner", emits: ["SpinEvent"] });
  await other.feed.say(3, "spin x");
  const outcome = other.feed.outcomes.get(3);
  assert.deepEqual(outcome?.kind === "completed" && outcome.emitted, [
    { type: "SpinEvent", data: { prize: "hat" }, id: "x", toSelf: false },
  ]);
});

Deno.test("A pane of a service on another machine is on its owner's screen, with its keys", async () => {
  await using host = new HostUnderTest([makeService("speaker")]);
  await using owner = await startOwner(host);
  await owner.feed.say(1, "show_keys spins");
  while (owner.feed.panes.length === 0) await owner.feed.say(2, "show 5");
  assert.equal(owner.feed.panes[0]?.title, "Wheel");
  assert.ok(owner.runner.press({ pane: "Wheel", key: "s" }));
  await owner.log.heard(/^s of Wheel$/);
});

Deno.test("An item that times out on another machine is aborted there", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  await using owner = await startOwner(host, { timeoutMs: 300 });
  const ended = await owner.feed.say(1, "give up when told");
  assert.deepEqual(ended, { kind: "failed", error: "timed out after 0.3 s" });
  await owner.log.heard(/^gave up: TimeoutError, timed out/);
});

for (const isolation of ["worker", "process", "shared"] as const) {
  Deno.test(`A crash on the host counts as a crash of the item, and the service starts again (${isolation})`, async () => {
    await using host = new HostUnderTest([makeService("scripted", { isolation })]);
    await using owner = await startOwner(host);
    const crashed = await owner.feed.say(1, "exit");
    assert.deepEqual(crashed, {
      kind: "crashed",
      error: "the service lost its worker: it called Deno.exit with code 3",
    });
    assert.equal(owner.runner.state.phase, "backing_off");
    assert.equal(owner.runner.stats.restarts, 1);
    await owner.reached("running");
    assert.deepEqual(await owner.feed.say(2, "succeed"), { kind: "completed" });
  });
}

Deno.test("A killed process on the host is told as what it was, and only the running item counts a crash", async () => {
  await using host = new HostUnderTest([
    makeService("scripted", {
      isolation: "process",
      permissions: { ...makeService("scripted").permissions, run: true },
    }),
  ]);
  await using owner = await startOwner(host);
  const running = owner.feed.say(1, "kill", { isAsync: false });
  assert.equal((await running).kind, "crashed");
  await owner.log.heard(/its process ended \(SIGKILL\); next try/);
});

Deno.test("A mistake in the options on the host is told with its place there, and tried again", async () => {
  await using host = new HostUnderTest([makeService("numbered", { options: { size: "large" } })]);
  await using owner = await startOwner(host);
  const { text, level } = await owner.log.heard(/could not start/);
  assert.match(text, /host\.jsonc:1/);
  assert.equal(level, "warn");
  const { state } = owner.runner;
  assert.ok(state.phase === "backing_off" && state.isAway);
});

Deno.test("A service that the host does not run, or a wrong token, is told in a sentence", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  await using owner = await startOwner(host, { slug: "tts" });
  await owner.log.heard(/^the service waits for gpu-1: it does not run "tts": add the service to the config/);
  await using stranger = await startOwner({ address: host.address, token: "guessed" });
  await stranger.log.heard(/waits for gpu-1: ws:\S+ does not accept the token/);
  await host.log.heard(/^127\.0\.0\.1 tried to connect without the right token$/);
  assert.equal(host.host.sessionCount, 0);
});

Deno.test("Types that only the host lets a service emit are named", async () => {
  await using host = new HostUnderTest([makeService("spinner", { emits: ["SpinEvent", "WinEvent"] })]);
  await using owner = await startOwner(host, { emits: ["SpinEvent"] });
  await owner.log.heard(/it lets "tested" emit WinEvent, which "emits" lacks here/);
});

Deno.test("A host that cannot be reached is told once, tried again, and its return is told", async () => {
  const first = new HostUnderTest([makeService("scripted")]);
  const { address } = first;
  await first[Symbol.asyncDispose]();
  await using owner = await startOwner({ address });
  await owner.log.heard(/^the service waits for gpu-1: it cannot be reached at ws:\/\/127\.0\.0\.1:\d+ \(/);
  assert.equal(owner.runner.stats.restarts, 0);
  await using host = new HostUnderTest([makeService("scripted")]);
  owner.address = host.address;
  await owner.reached("running");
  await owner.log.heard(/^gpu-1 runs the service again$/);
  assert.equal(owner.log.entries.filter(({ level }) => level === "warn").length, 1);
  assert.deepEqual(await owner.feed.say(1, "succeed"), { kind: "completed" });
});

for (const isolation of ["worker", "shared"] as const) {
  Deno.test(`Two rooms use the same host, and have a folder each (${isolation})`, async () => {
    await using host = new HostUnderTest([makeService("noting", { isolation })]);
    await using one = await startOwner({ address: host.address, room: "one" });
    await using two = await startOwner({ address: host.address, room: "two" });
    assert.equal(host.host.sessionCount, 2);
    await Promise.all([one.feed.say(1, "of one"), two.feed.say(1, "of two")]);
    const folders = [...Deno.readDirSync(`${host.folder}/tested`)].map(({ name }) => name).sort();
    assert.deepEqual(folders, ["one", "two"]);
  });
}

Deno.test("The folder of an item is on the host, and goes when its owner says that the item has ended", async () => {
  await using host = new HostUnderTest([makeService("noting")]);
  const draft = `${host.folder}/tested/room1/items/item-1/draft`;
  await using owner = await startOwner(host);
  await owner.feed.say(1, "use a folder");
  assert.equal(Deno.readTextFileSync(draft), "…");
  await owner.runner.restart();
  let itemId = 1;
  while (existsSync(draft)) await owner.feed.say(++itemId, "wait a turn");
});

Deno.test("A host runs no more workers than it may, and a room in use has one owner", async () => {
  await using host = new HostUnderTest([makeService("scripted")], { maxWorkers: 1 });
  await using _one = await startOwner({ address: host.address, room: "one" });
  await using two = await startOwner({ address: host.address, room: "two" });
  await two.log.heard(/it runs as many workers as it may/);
  await using rival = await startOwner({ address: host.address, room: "one" });
  await rival.log.heard(/another Livecue, with a copy of this database, uses "tested" there/);
});

Deno.test("The stop of an owner ends its worker on the host, in order", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  await using owner = await startOwner(host);
  const running = owner.feed.say(1, "say so and succeed when a stop begins");
  await owner.log.heard(/^waiting/);
  await owner.runner.stop({ graceMs: 3000 });
  assert.deepEqual(await running, { kind: "completed" });
  await owner.log.heard(/^stopping, signal aborted$/);
  await host.log.heard(/^studio no longer uses the service$/);
  assert.equal(host.host.sessionCount, 0);
});

Deno.test("The stop of a host lets running items finish and gives the others back; nothing counts as a failure", async () => {
  const host = new HostUnderTest([makeService("scripted")]);
  await using owner = await startOwner(host);
  owner.feed.maxConcurrency = 1;
  const running = owner.feed.say(1, "say so and succeed when a stop begins");
  const waiting = owner.feed.say(2, "succeed");
  await owner.log.heard(/^waiting/);
  await host[Symbol.asyncDispose]();
  assert.deepEqual(await running, { kind: "completed" });
  assert.deepEqual(await waiting, { kind: "released" });
  await owner.log.heard(/^the service waits for gpu-1, which was stopped$/);
  assert.equal(owner.runner.stats.failedCount, 0);
});

Deno.test("The heartbeat and the memory of a worker on another machine are known", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  await using owner = await startOwner(host);
  await owner.feed.say(1, "succeed");
  while (owner.runner.stats.lastPongAt === null) await owner.feed.say(Math.random() * 1e9 | 0, "compute");
  assert.ok((owner.runner.stats.heapBytes ?? 0) > 100_000);
});
