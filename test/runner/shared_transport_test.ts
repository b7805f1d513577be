/** A service of several rooms in one worker: what the rooms share, and what stays apart. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type ServiceConfig, serviceOfRoom } from "../../src/service.ts";
import {
  makeService,
  noPermissions,
  type RunnerUnderTest,
  type SharedInTest,
  shareInTest,
  startRunner,
} from "../support/runner_under_test.ts";
import { withFolder } from "../support/temporary_store.ts";

const isolation = "shared";

function startRoom(
  name: string,
  shared: SharedInTest,
  given: Partial<ServiceConfig> = {},
): Promise<RunnerUnderTest> {
  return startRunner("roommate", { isolation, options: { name }, ...given }, shared);
}

/** Passes seconds until the runner has left `running`. */
async function passUntilLost(tested: RunnerUnderTest): Promise<void> {
  while (tested.runner.state.phase === "running") await tested.passSeconds(1);
}

const textsOf = ({ log }: RunnerUnderTest) => log.entries.map(({ text }) => text);

Deno.test("Rooms of a shared worker keep their options, their objects, their state and their logs apart", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  assert.equal(shared.sharedWorkers.size, 1);
  await ana.feed.say(1, "hello");
  await ben.feed.say(1, "good evening");
  await ana.feed.say(2, "good night");
  assert.deepEqual(ana.feed.state.get("service said"), ["hello", "good night"]);
  assert.deepEqual(ben.feed.state.get("service said"), ["good evening"]);
  assert.ok(textsOf(ana).includes("ana, number 1: hello, good night"));
  // The second object of the class in the same worker.
  assert.ok(textsOf(ben).includes("ben, number 2: good evening"));
});

Deno.test("Output of a shared worker goes to the log of the room whose code printed it, also after an await", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  await Promise.all([ana.feed.say(1, "print"), ben.feed.say(1, "print")]);
  const printed = (tested: RunnerUnderTest) => textsOf(tested).filter((text) => /printed|half/.test(text));
  assert.deepEqual(printed(ana), ["ana printed", "half a line of ana, "]);
  assert.deepEqual(printed(ben), ["ben printed", "half a line of ben, "]);
});

Deno.test("A throw in one room fails its item only, and an uncaught error is in the log of its room", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  const ended = await Promise.all([ana.feed.say(1, "throw"), ben.feed.say(1, "hello")]);
  assert.deepEqual(ended.map(({ kind }) => kind), ["failed", "completed"]);
  await ben.feed.say(2, "stray error");
  await ben.log.heard(/^uncaught error: Error: ben threw from a timer/);
  assert.ok(!textsOf(ana).some((text) => text.includes("uncaught")));
  assert.deepEqual(await ana.feed.say(3, "still there"), { kind: "completed" });
});

Deno.test("An exit in one room ends the worker of all, and counts as a crash of its own item only", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  const waiting = ana.feed.say(1, "wait for a stop");
  await ana.log.heard(/^waiting$/);
  const error = "the service lost its worker: it called Deno.exit with code 3";
  assert.deepEqual(await ben.feed.say(1, "exit later"), { kind: "crashed", error });
  assert.deepEqual(await waiting, { kind: "released" });
  await ana.log.heard(/another room, which shares the worker, ended it: it called Deno.exit with code 3/);
  shared.clock.advance(1000);
  await Promise.all([ana.reached("running"), ben.reached("running")]);
  assert.equal(shared.sharedWorkers.size, 1);
  assert.deepEqual(await ana.feed.say(2, "back"), { kind: "completed" });
  await ana.log.heard(/^ana, number [12]: back$/);
});

Deno.test("A room whose code ends the worker again and again is switched off, and the others are not", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  const phaseOf = ({ runner }: RunnerUnderTest) => runner.state.phase;
  for (let id = 1; phaseOf(ben) !== "switched_off"; id++) {
    assert.ok(id <= 20);
    assert.equal((await ben.feed.say(id, "exit later")).kind, "crashed");
    await ana.reached("backing_off");
    do await ben.passSeconds(1); while (phaseOf(ben) === "backing_off");
    while (phaseOf(ben) === "starting") await setImmediate();
    await ana.reached("running");
  }
  assert.deepEqual(await ana.feed.say(1, "still there"), { kind: "completed" });
});

Deno.test("A loop in one room replaces the worker of all, and only the item that is in the loop crashes", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  const waiting = ana.feed.say(1, "wait for a stop");
  await ana.log.heard(/^waiting$/);
  const stuck = ben.feed.say(1, "be stuck");
  await ben.log.heard(/^stuck$/);
  await passUntilLost(ben);
  assert.deepEqual(await stuck, {
    kind: "crashed",
    error:
      "the service has not answered for 5 s: its worker, which it shares with other rooms, is dead or stuck in a loop",
  });
  assert.deepEqual(await waiting, { kind: "released" });
  await ana.log.heard(
    /code for another room, which shares the worker, has not answered for 5 s; next try in 1 s/,
  );
  await ben.log.heard(/may use a CPU core/);
  shared.clock.advance(1000);
  await Promise.all([ana.reached("running"), ben.reached("running")]);
  assert.deepEqual(await ana.feed.say(2, "back"), { kind: "completed" });
});

Deno.test("A loop in a timer of one room counts for no item of another", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  const waiting = ana.feed.say(1, "wait for a stop");
  await ana.log.heard(/^waiting$/);
  await ben.feed.say(1, "be stuck in a timer");
  await ben.log.heard(/^stuck$/);
  await passUntilLost(ben);
  assert.deepEqual(await waiting, { kind: "released" });
});

Deno.test("If nobody can know which room is in the loop, the items that all rooms were handling crash", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  await using eva = await startRoom("eva", shared);
  const waiting = ana.feed.say(1, "wait for a stop");
  await ana.log.heard(/^waiting$/);
  const stuck = ben.feed.say(1, "be stuck later");
  await ben.log.heard(/^stuck$/);
  await passUntilLost(ben);
  assert.deepEqual((await Promise.all([waiting, stuck])).map(({ kind }) => kind), ["crashed", "crashed"]);
  assert.equal(eva.runner.state.phase, "backing_off");
});

Deno.test("A room stops while the others go on, and the worker ends with its last room", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared);
  await using ben = await startRoom("ben", shared);
  const waiting = ana.feed.say(1, "wait for a stop");
  await ana.log.heard(/^waiting$/);
  await ana.runner.stop({ graceMs: 60_000 });
  assert.deepEqual(await waiting, { kind: "completed" });
  assert.equal(textsOf(ana).at(-1), "ana leaves");
  assert.deepEqual(await ben.feed.say(1, "still there"), { kind: "completed" });
  await ana.runner.start();
  assert.deepEqual(await ana.feed.say(2, "back"), { kind: "completed" });
  assert.equal(textsOf(ana).at(-1), "ana, number 3: back");
  await Promise.all([ana.runner.stop({ graceMs: 0 }), ben.runner.stop({ graceMs: 0 })]);
  assert.equal(shared.sharedWorkers.size, 0);
  assert.equal(shared.clock.timerCount, 0);
});

Deno.test("An item that never answers replaces its own room, after onStop, and leaves the worker to the others", async () => {
  const shared = shareInTest();
  await using ana = await startRoom("ana", shared, { timeoutMs: 5000 });
  await using ben = await startRoom("ben", shared, { timeoutMs: 60_000 });
  const waiting = ben.feed.say(1, "wait for a stop");
  await ben.log.heard(/^waiting$/);
  const hanging = ana.feed.say(1, "hang");
  shared.clock.advance(6000);
  assert.deepEqual(await hanging, { kind: "failed", error: "timed out after 5 s" });
  assert.equal(ana.runner.state.phase, "backing_off");
  await ana.passSeconds(1);
  await ana.reached("running");
  await ana.feed.say(2, "back");
  assert.equal(textsOf(ana).at(-1), "ana, number 3: back");
  assert.deepEqual([ben.runner.state.phase, ben.feed.running], ["running", [1]]);
  void waiting;
});

Deno.test("A room that cannot start, or does not, keeps no other room from it", async () => {
  const shared = shareInTest();
  await using wrong = await startRoom("wrong", shared, { options: {} });
  assert.equal(wrong.runner.state.phase, "switched_off");
  await using ana = await startRoom("ana", shared);
  assert.deepEqual(await ana.feed.say(1, "hello"), { kind: "completed" });

  await using ben = await startRunner("choosy", { isolation, options: { mood: "bad" } }, shared);
  assert.notEqual(ben.runner.state.phase, "running");
  assert.deepEqual(await ana.feed.say(2, "still there"), { kind: "completed" });
});

Deno.test("Services with different classes, permissions or folders do not share a worker", async () => {
  const shared = shareInTest();
  await using _ana = await startRoom("ana", shared);
  await using _ben = await startRoom("ben", shared, {
    permissions: { ...noPermissions, net: ["example.com"] },
  });
  await using _eva = await startRoom("eva", shared, { dataFolder: "/data/another" });
  await using _other = await startRunner("hooks", { isolation }, shared);
  assert.equal(shared.sharedWorkers.size, 4);
});

Deno.test("A room that starts after its service's code was saved runs the new code, and the others the old one", async () => {
  await withFolder(async (folder) => {
    const serviceClass = join(folder, "saved.ts");
    const code = (word: string) =>
      `import { BaseQueueService } from "livecue/service";
      export default class Saved extends BaseQueueService {
        override processEvent() { this.log.info("${word}"); return true; }
      }`;
    const shared = shareInTest();
    Deno.writeTextFileSync(serviceClass, code("old"));
    await using ana = await startRunner(serviceClass, { isolation }, shared);
    await using ben = await startRunner(serviceClass, { isolation }, shared);
    Deno.writeTextFileSync(serviceClass, code("quite new"));
    await ana.runner.restart();
    await Promise.all([ana.feed.say(1, ""), ben.feed.say(1, "")]);
    assert.deepEqual([textsOf(ana).at(-1), textsOf(ben).at(-1)], ["quite new", "old"]);
  });
});

Deno.test("Each room of a shared worker has a folder and a database of its own", async () => {
  await withFolder(async (folder) => {
    const shared = shareInTest();
    const service = makeService("archivist", { isolation, dataFolder: join(folder, "data", "tested") });
    const rooms = ["ana", ".."].map((room) => serviceOfRoom(service, room));
    for (const { dataFolder, roomsFolder } of rooms) {
      const given = { isolation, dataFolder, roomsFolder: roomsFolder ?? "" } as const;
      await using tested = await startRunner("archivist", given, shared);
      assert.deepEqual(await tested.feed.say(1, dataFolder), { kind: "completed" });
    }
    for (const { dataFolder } of rooms) {
      assert.ok(dataFolder.startsWith(service.dataFolder), dataFolder);
      using database = new DatabaseSync(join(dataFolder, "data.db"), { readOnly: true });
      assert.deepEqual({ ...database.prepare("SELECT comment FROM said").get() }, { comment: dataFolder });
    }
  });
});

Deno.test("Two hundred rooms open in one worker, and each takes little memory", async () => {
  const shared = shareInTest();
  const names = Array.from({ length: 200 }, (_, index) => `room ${index}`);
  const rooms = await Promise.all(names.map((name) => startRoom(name, shared)));
  const ended = await Promise.all(rooms.map((room) => room.feed.say(1, "hello")));
  assert.deepEqual(new Set(ended.map(({ kind }) => kind)), new Set(["completed"]));
  assert.equal(shared.sharedWorkers.size, 1);
  shared.clock.advance(1000);
  const [first] = rooms;
  while (first!.runner.stats.lastPongAt !== shared.clock.monotonic()) await setImmediate();
  const heapBytes = rooms.reduce((sum, { runner }) => sum + (runner.stats.heapBytes ?? 0), 0);
  // Without the rooms, the heap of such a worker has some 5 MB.
  assert.ok(heapBytes < 5e6 + 200 * 100_000, `${heapBytes} bytes`);
  await Promise.all(rooms.map(({ runner }) => runner.stop({ graceMs: 0 })));
});
