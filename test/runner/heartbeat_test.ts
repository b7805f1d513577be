import assert from "node:assert/strict";
import { Heartbeat } from "../../src/runner/heartbeat.ts";
import { FakeClock } from "../support/fake_clock.ts";

function startHeartbeat() {
  const clock = new FakeClock();
  const seen = { pings: 0, lost: 0 };
  const heartbeat = new Heartbeat({ clock, ping: () => seen.pings++, onLost: () => seen.lost++ });
  const passSeconds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      clock.advance(1000);
      await Promise.resolve();
    }
  };
  return { clock, seen, heartbeat, passSeconds };
}

Deno.test("Heartbeat loses a worker after five pings without an answer", async () => {
  const { seen, heartbeat, passSeconds } = startHeartbeat();
  heartbeat.receivePong(1);
  await passSeconds(5);
  assert.deepEqual(seen, { pings: 6, lost: 0 });
  await passSeconds(1);
  assert.deepEqual(seen, { pings: 6, lost: 1 });
  await passSeconds(10);
  assert.equal(seen.lost, 1);
});

Deno.test("Heartbeat keeps a worker that answers now and then", async () => {
  const { seen, heartbeat, passSeconds } = startHeartbeat();
  for (let i = 0; i < 20; i++) {
    heartbeat.receivePong(1);
    await passSeconds(4);
  }
  assert.equal(seen.lost, 0);
  heartbeat.stop();
});

Deno.test("Heartbeat loses nobody after a stall of its own thread", () => {
  const { clock, seen, heartbeat } = startHeartbeat();
  heartbeat.receivePong(1);
  clock.advance(60_000);
  assert.equal(seen.lost, 0);
  heartbeat.stop();
  assert.equal(clock.timerCount, 0);
});

Deno.test("Heartbeat waits for a worker that is still loading", async () => {
  const { seen, heartbeat, passSeconds } = startHeartbeat();
  await passSeconds(30);
  assert.equal(seen.lost, 0);
  assert.equal(heartbeat.lastPongAt, null);
  heartbeat.stop();
});

Deno.test("Heartbeat loses nobody after an absence of its own thread, however long", async () => {
  const { clock, seen, heartbeat, passSeconds } = startHeartbeat();
  heartbeat.receivePong(1);
  await passSeconds(4);
  clock.stall(90_000);
  clock.advance(0);
  assert.equal(seen.lost, 0);
  heartbeat.receivePong(1);
  await passSeconds(5);
  assert.equal(seen.lost, 0);
  await passSeconds(1);
  assert.equal(seen.lost, 1);
});

Deno.test("Heartbeat counts any message as a sign of life, but for 30 s at most", async () => {
  const { seen, heartbeat, passSeconds } = startHeartbeat();
  heartbeat.receivePong(1);
  for (let second = 0; second < 30; second++) {
    heartbeat.receiveSign();
    await passSeconds(1);
  }
  assert.equal(seen.lost, 0);
  heartbeat.receiveSign();
  await passSeconds(1);
  assert.equal(seen.lost, 1);
});
