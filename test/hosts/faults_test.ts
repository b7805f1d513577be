import assert from "node:assert/strict";
import { FrameFaults, noFaults } from "../support/frame_faults.ts";
import { makeService } from "../support/runner_under_test.ts";
import { HostUnderTest, type OwnerUnderTest, startOwner } from "../support/remote_under_test.ts";

/** The items that the service has handled, in order. */
function notesOf(host: HostUnderTest): number[] {
  return Deno.readTextFileSync(`${host.folder}/tested/room1/notes`).trim().split("\n").map(Number);
}

/** Adds the items, some at a time, and resolves when all have ended. */
async function sayAll(
  owner: OwnerUnderTest,
  count: number,
  eachGroup: (done: number) => void = () => {},
): Promise<void> {
  const size = 50;
  for (let done = 0; done < count; done += size) {
    eachGroup(done);
    const ids = Array.from({ length: size }, (_, index) => done + index + 1);
    await Promise.all(ids.map((id) => owner.feed.say(id, "wait a turn", { isAsync: id % 3 > 0 })));
  }
}

function assertOnce(owner: OwnerUnderTest, host: HostUnderTest, count: number): void {
  const kinds = new Set([...owner.feed.outcomes.values()].map(({ kind }) => kind));
  assert.deepEqual([...kinds], ["completed"]);
  assert.equal(owner.feed.outcomes.size, count);
  assert.deepEqual(
    notesOf(host).toSorted((a, b) => a - b),
    Array.from({ length: count }, (_, index) => index + 1),
  );
  assert.deepEqual([owner.runner.stats.restarts, owner.runner.state.phase], [0, "running"]);
}

for (
  const [name, faults] of Object.entries({
    "drops each fifth frame": { dropEach: 5 },
    "drops each second frame": { dropEach: 2 },
    "doubles each frame": { doubleEach: 1 },
    "is late by 300 ms": { lateMs: 300 },
    "drops, doubles and is late": { dropEach: 7, doubleEach: 3, lateMs: 20 },
  })
) {
  Deno.test(`A link that ${name} neither fails nor repeats an item`, async () => {
    await using host = new HostUnderTest([makeService("noting")]);
    await using faulty = new FrameFaults(host.address);
    faulty.faults = { ...noFaults, ...faults };
    await using owner = await startOwner(faulty);
    await owner.reached("running");
    await sayAll(owner, 100);
    assertOnce(owner, host, 100);
    faulty.faults = noFaults;
  });
}

Deno.test("Connections that are cut again and again neither fail nor repeat an item", async () => {
  await using host = new HostUnderTest([makeService("noting")]);
  await using faulty = new FrameFaults(host.address);
  await using owner = await startOwner(faulty);
  await sayAll(owner, 500, (done) => {
    if (done % 100 === 50) faulty.cut();
  });
  assertOnce(owner, host, 500);
  assert.ok(host.log.entries.some(({ text }) => text === "studio is connected again"));
});

Deno.test("A link that stays lost releases the items without a crash, and they run when the host is back", async () => {
  await using host = new HostUnderTest([makeService("noting")]);
  await using faulty = new FrameFaults(host.address);
  await using owner = await startOwner(faulty, { timeoutMs: 3_000 });
  await owner.feed.say(1, "wait a turn");
  const running = owner.feed.say(2, "never answer");
  const waiting = owner.feed.say(3, "wait a turn", { isAsync: false });
  faulty.faults = { ...noFaults, isSilent: true };
  assert.deepEqual(await running, { kind: "released" });
  assert.deepEqual(await waiting, { kind: "released" });
  await owner.log.heard(/^the service waits for gpu-1: it was not heard for 10 s$/);
  // The host has stopped them before they can be handed out again.
  assert.ok(host.log.entries.some(({ text }) => text.startsWith("the link to studio is lost")));
  assert.equal(host.host.sessionCount, 0);
  faulty.faults = noFaults;
  await owner.reached("running");
  assert.deepEqual(await owner.feed.say(4, "wait a turn"), { kind: "completed" });
  assert.deepEqual([owner.runner.stats.restarts, owner.runner.stats.failedCount], [0, 0]);
});

Deno.test("A short loss of the link is no time of an item, and no silence of its worker", async () => {
  await using host = new HostUnderTest([makeService("noting")]);
  await using faulty = new FrameFaults(host.address);
  await using owner = await startOwner(faulty, { timeoutMs: 2_000 });
  await owner.feed.say(1, "wait a turn");
  faulty.faults = { ...noFaults, isDown: true };
  faulty.cut();
  const ended = owner.feed.say(2, "wait a turn");
  await using other = await startOwner({ address: host.address, room: "other" }, { timeoutMs: 2_500 });
  assert.equal((await other.feed.say(1, "never answer")).kind, "failed");
  faulty.faults = noFaults;
  assert.deepEqual(await ended, { kind: "completed" });
  assert.equal(owner.runner.stats.restarts, 0);
});
