/** TikFinity's source among servers that do what no server should: it says so, and goes on. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { listen } from "../../../src/capture/tikfinity/socket.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeTikfinity } from "../../support/fake_tikfinity.ts";
import { assertSentence, HostileServer, socketMisbehaviors } from "../../support/hostile_server.ts";
import { whileTimePasses } from "../../support/passing_time.ts";
import { TikfinityScene } from "../../support/tikfinity_scene.ts";

const maxGrowthBytes = 200 * 1024 * 1024;
/** It answers pings, or sends them: it is there, and its live is quiet. */
const quiet = ["pings without an end"];

Deno.test("A server that sends more than Livecue can hold waits, and counts as alive meanwhile", async () => {
  await using tikfinity = await FakeTikfinity.start();
  const clock = new FakeClock();
  const stopping = new AbortController();
  const full = Promise.withResolvers<void>();
  const room = Promise.withResolvers<void>();
  const last = Promise.withResolvers<void>();
  const taken: string[] = [];
  const closed = listen({
    url: tikfinity.url,
    clock,
    signal: stopping.signal,
    onOpen: () => {},
    onMessage: (text) => {
      taken.push(text);
      if (text === "last") last.resolve();
    },
    onLongMessage: () => assert.fail(),
    whenRoom: () => {
      full.resolve();
      return room.promise;
    },
  });
  const client = await tikfinity.nextClient();
  client.sendText("first");
  await full.promise;
  for (let i = 0; i < 1000; i++) client.sendText("more");
  client.sendText("last");
  for (let pings = 0; pings < 3; pings++) {
    await nextTurn();
    clock.advance(20_000);
  }
  assert.deepEqual(taken, ["first"]);
  room.resolve();
  await last.promise;
  assert.equal(taken.length, 1002);
  stopping.abort();
  assert.equal((await closed).why, "Livecue was stopped.");
});

for (const [name, { isSlow, behave }] of Object.entries(socketMisbehaviors)) {
  if (quiet.includes(name)) continue;
  Deno.test(`A TikFinity that ${name} is told of in a sentence, and tried again`, async () => {
    await using hostile = new HostileServer(behave);
    await using scene = new TikfinityScene(`ws://${hostile.host}/`);
    const before = Deno.memoryUsage().rss;
    const reconnecting = scene.until("reconnecting");
    await hostile.requested;
    const { why } = await (isSlow ? whileTimePasses(scene.clock, reconnecting) : reconnecting);
    assertSentence(why);
    assert.ok(Deno.memoryUsage().rss - before < maxGrowthBytes);
    const { attempt } = await whileTimePasses(scene.clock, scene.until("reconnecting"));
    assert.equal(attempt, 2);
  });
}
