import assert from "node:assert/strict";
import { CaptureLoop } from "../../src/app/capture_loop.ts";
import type { Clock } from "../../src/clock.ts";
import type { Capture } from "../../src/lives/capture.ts";
import type { ReadingBatch, SourceItem } from "../../src/source.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";
import { commentOf } from "../support/captured_events.ts";
import { traitsOf } from "../support/sources.ts";

/** A clock on which each reading takes some time, as on a busy computer. */
function slowClock(msALook: number): Clock {
  const clock = new FakeClock();
  return {
    now: () => clock.now(),
    monotonic: () => {
      clock.advance(msALook);
      return clock.monotonic();
    },
    uptime: () => clock.uptime(),
    after: (delayMs, run) => clock.after(delayMs, run),
  };
}

/** Runs a live's source that never pauses, until `isOver`; `onTaken` gets how many items were taken. */
async function runBusily(
  clock: Clock,
  isOver: () => boolean,
  onTaken: (count: number) => void,
): Promise<void> {
  let count = 0;
  const capture = {
    accept: () => onTaken(++count),
    endSession() {},
    advance() {},
    session: null,
  } as unknown as Capture;
  const ended = Promise.withResolvers<void>();
  const loop = new CaptureLoop({
    source: {
      name: "flood",
      traits: traitsOf(),
      async *open(): AsyncGenerator<SourceItem> {
        while (!isOver()) yield { kind: "notice", text: "" };
      },
    },
    capture,
    clock,
    log: silentLog(),
    whenCaughtUp: () => null,
    isBehind: () => false,
    isAlone: true,
    onEnded: () => ended.resolve(),
  });
  loop.start();
  await ended.promise;
}

Deno.test("A source that never pauses does not keep the network from being read", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [client, server] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  let isRead = false;
  const reading = client.read(new Uint8Array(1)).then(() => isRead = true);
  let taken = 0;
  let writing: Promise<unknown> | null = null;
  await runBusily(slowClock(10), () => isRead || taken > 100_000, (count) => {
    taken = count;
    writing ??= server.write(new Uint8Array(1));
  });
  await Promise.all([writing, reading]);
  client.close();
  server.close();
  listener.close();
  // By itself, the runtime checks its sockets every 61st turn, which is after 3,904 items.
  assert.ok(taken < 2_000, `${taken} items were taken before`);
});

Deno.test("After a turn that waited for the disk, more items are taken, so that a slow disk needs fewer commits", async () => {
  const atMost: number[] = [];
  for (const msALook of [0, 30]) {
    let [thisTurn, most] = [0, 0];
    let isOver = false;
    const nextTurn = () => {
      most = Math.max(most, thisTurn);
      thisTurn = 0;
      if (!isOver) setImmediate(nextTurn);
    };
    setImmediate(nextTurn);
    await runBusily(slowClock(msALook), () => isOver, (taken) => {
      thisTurn++;
      isOver = taken >= 6_400;
    });
    atMost.push(most);
  }
  assert.deepEqual(atMost, [64, 448]);
});

Deno.test("A flood that waits for the database many times asks before each event, and leaves no listeners", async () => {
  let listeners = 0;
  let isBehind = true;
  const ended = Promise.withResolvers<void>();
  const accept = () => {
    assert.equal(isBehind, false);
    isBehind = true;
  };
  let asked = 0;
  const capture = { accept, endSession() {}, advance() {}, session: null } as unknown as Capture;
  const loop = new CaptureLoop({
    source: {
      name: "flood",
      traits: traitsOf(),
      async *open(signal): AsyncGenerator<SourceItem> {
        const { addEventListener, removeEventListener } = signal;
        signal.addEventListener = (...given: unknown[]) => {
          listeners++;
          Reflect.apply(addEventListener, signal, given);
        };
        signal.removeEventListener = (...given: unknown[]) => {
          listeners--;
          Reflect.apply(removeEventListener, signal, given);
        };
        for (let i = 0; i < 100; i++) yield { kind: "event", event: commentOf("hello"), raw: null };
      },
    },
    capture,
    clock: new FakeClock(),
    log: silentLog(),
    whenCaughtUp() {
      // Another source uses what came first.
      isBehind = ++asked % 3 !== 0;
      return isBehind ? Promise.resolve() : null;
    },
    isBehind: () => false,
    isAlone: true,
    onEnded: () => ended.resolve(),
  });
  loop.start();
  await ended.promise;
  assert.equal(listeners, 0);
  assert.equal(asked, 300);
});

Deno.test("A source of readings that falls silent is stored and recorded as silent while it lasts", async () => {
  const clock = new FakeClock();
  const recorded: ReadingBatch[] = [];
  const stored: ReadingBatch[] = [];
  const capture = { accept() {}, endSession() {}, advance() {}, session: null } as unknown as Capture;
  const [pulled, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const batch = { readings: [{ channel: "level", at: clock.now(), value: 1 }], receivedAt: clock.now() };
  const loop = new CaptureLoop({
    source: {
      name: "iss",
      traits: traitsOf(),
      silenceMs: 60_000,
      async *open(signal): AsyncGenerator<SourceItem> {
        yield { kind: "readings", batch };
        pulled.resolve();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    },
    capture,
    clock,
    log: silentLog(),
    whenCaughtUp: () => null,
    isBehind: () => false,
    readings: {
      add(_source, batch) {
        stored.push(batch);
        return null;
      },
    },
    onReadings: (batch) => recorded.push(batch),
    isAlone: true,
    onEnded: () => ended.resolve(),
  });
  loop.start();
  await pulled.promise;
  const startedAt = clock.now();
  for (let second = 0; second < 71; second++) clock.advance(1_000);
  assert.deepEqual(stored, [
    batch,
    { readings: [], receivedAt: startedAt + 65_000, silentMs: 5_000 },
    { readings: [], receivedAt: startedAt + 70_000, silentMs: 10_000 },
  ]);
  assert.deepEqual(recorded, stored);
  assert.equal(loop.meter.view()?.sinceMs, 71_000);
  await loop.stop();
  await ended.promise;
  assert.equal(clock.timerCount, 0);
});
