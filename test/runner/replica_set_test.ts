/** Several workers of one service: how its items are shared, and what happens when a worker is lost. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { systemClock } from "../../src/clock.ts";
import { openRemote } from "../../src/hosts/remote_transport.ts";
import { handOut } from "../../src/runner/hand_out.ts";
import { ReplicaSet, type ReplicaSetOptions } from "../../src/runner/replica_set.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { MemoryFeed } from "../support/memory_feed.ts";
import { HostUnderTest, testToken } from "../support/remote_under_test.ts";
import { makeService, shareInTest } from "../support/runner_under_test.ts";
import { heardLog } from "../support/heard_log.ts";

class SetUnderTest implements AsyncDisposable {
  readonly feed = new MemoryFeed();
  readonly set: ReplicaSet;
  readonly log = heardLog();
  readonly #watchers = new Set<() => void>();

  constructor(given: Partial<ServiceConfig>, options: Partial<ReplicaSetOptions> = {}) {
    this.set = new ReplicaSet({
      service: makeService("counting", given),
      feed: this.feed,
      clock: shareInTest().clock,
      log: this.log,
      describeOptionMistakes: () => [],
      placeOfOption: () => "",
      onChange: () => this.#look(),
      ...options,
    });
    this.feed.onAdded = () => this.set.wake();
  }

  /** Resolves when it holds after a change of the set. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watch = () => {
        if (!holds()) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  /** How many items a worker had at each "count", sorted. */
  async counts(length: number): Promise<string[]> {
    const counts = () => this.log.entries.filter(({ text }) => text.startsWith("count "));
    while (counts().length < length) await nextTurn();
    return counts().map(({ text }) => text).sort();
  }

  #look(): void {
    for (const watch of this.#watchers) watch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.set.stop({ graceMs: 0 });
  }
}

Deno.test("An item goes to the worker that has the fewest, and never to one that takes none", () => {
  const feed = new MemoryFeed();
  const taker = (inFlight: number, isTaking = true) => ({
    isTaking,
    inFlight: Array(inFlight).fill(0),
    ids: [] as number[],
    give(items: readonly { item: { id: number } }[]) {
      this.ids.push(...items.map(({ item }) => item.id));
    },
  });
  const takers = [taker(3), taker(0), taker(1), taker(0, false)];
  for (let id = 1; id <= 6; id++) void feed.say(id, "succeed");
  handOut(feed, takers);
  assert.deepEqual(takers.map(({ ids }) => ids.length), [1, 3, 2, 0]);
  assert.equal(feed.running.length, 6);
});

Deno.test("Two workers share the items of a service", async () => {
  await using tested = new SetUnderTest({ replicas: [null, null] });
  await tested.set.start();
  for (let id = 1; id <= 4; id++) void tested.feed.say(id, "count");
  assert.deepEqual(await tested.counts(4), ["count 1", "count 1", "count 2", "count 2"]);
});

Deno.test("While one of two workers is lost, the other goes on, and the set says what it lacks", async () => {
  await using tested = new SetUnderTest({ replicas: [null, null] });
  const { set, feed } = tested;
  await set.start();
  assert.deepEqual(set.lacks, []);
  assert.deepEqual((await feed.say(1, "end the worker")).kind, "crashed");
  assert.deepEqual(await feed.say(2, "succeed"), { kind: "completed" });
  assert.equal(set.state.phase, "running");
  assert.equal(set.lacks.length, 1);
  assert.match(set.lacks.join(), /^Worker [12] of 2 does not run: /);
});

Deno.test("A changed number of workers takes effect, and a pause holds all of them", async () => {
  await using tested = new SetUnderTest({ replicas: [null] });
  const { set, feed } = tested;
  await set.start();
  set.pause();
  await set.restart({ service: makeService("counting", { replicas: [null, null, null] }) });
  for (let id = 1; id <= 3; id++) void feed.say(id, "count");
  assert.deepEqual(feed.running, []);
  set.resume();
  assert.deepEqual(await tested.counts(3), ["count 1", "count 1", "count 1"]);
});

Deno.test("A stop while the number of workers changes leaves none behind", async () => {
  await using tested = new SetUnderTest({ replicas: [null] });
  const { set } = tested;
  await set.start();
  const changed = set.restart({ service: makeService("counting", { replicas: [null, null] }) });
  await set.stop({ graceMs: 0 });
  await changed;
  assert.equal(set.state.phase, "stopped");
  assert.equal(set.isTaking, false);
});

Deno.test("Two hosts share the items of a service, and when one is stopped, the other gets all", async () => {
  const service = makeService("counting");
  await using second = new HostUnderTest([service]);
  const first = new HostUnderTest([service]);
  const addresses = { "gpu-1": first.address, "gpu-2": second.address };
  const book = {
    hosts: () =>
      Promise.resolve(
        Object.entries(addresses).map(([name, address]) => ({
          ...{ name, address, token: testToken, services: null, seenAt: null },
        })),
      ),
  };
  const owner = { room: "room1", id: crypto.randomUUID(), name: "studio" };
  await using tested = new SetUnderTest({ replicas: ["gpu-1", "gpu-2"], serviceClass: "/nowhere.ts" }, {
    clock: systemClock,
    openRemote: (options) => openRemote({ ...options, clock: systemClock, book, owner }),
  });
  await tested.set.start();
  for (let id = 1; id <= 4; id++) void tested.feed.say(id, "count");
  assert.deepEqual(await tested.counts(4), ["count 1", "count 1", "count 2", "count 2"]);
  await first[Symbol.asyncDispose]();
  await tested.until(() => tested.set.lacks.length > 0);
  assert.match(tested.set.lacks.join(), /^The worker on gpu-1 does not run: .*gpu-1/);
  assert.deepEqual(await tested.feed.say(5, "succeed"), { kind: "completed" });
});
