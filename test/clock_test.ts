import assert from "node:assert/strict";
import { Limit, limitEvery, type LimitOptions, pause, systemClock } from "../src/clock.ts";
import { FakeClock } from "./support/fake_clock.ts";

const longestMs = 2 ** 31 - 1;

interface Timer {
  delayMs: number;
  run: () => void;
}

/** Runs `use` with timers that are only noted down; `timers` holds those that wait. */
function withTimers(use: (timers: Timer[]) => void): void {
  const { setTimeout, clearTimeout } = globalThis;
  const timers: Timer[] = [];
  Object.assign(globalThis, {
    setTimeout: (run: () => void, delayMs: number) => {
      const timer = { delayMs, run };
      timers.push(timer);
      return timer;
    },
    clearTimeout: (timer: Timer) => timers.splice(timers.indexOf(timer), 1),
  });
  try {
    use(timers);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
}

Deno.test("A delay longer than a timer can be is waited for in parts, not run at once", () => {
  withTimers((timers) => {
    let runs = 0;
    systemClock.after(longestMs + 5_000, () => runs++);
    const first = timers.shift();
    assert.equal(first?.delayMs, longestMs);
    first?.run();
    assert.equal(runs, 0);
    const second = timers.shift();
    assert.equal(second?.delayMs, 5_000);
    second?.run();
    assert.equal(runs, 1);
  });
});

Deno.test("A delay longer than a timer can be is cancelled also after its first part", () => {
  withTimers((timers) => {
    const cancel = systemClock.after(longestMs + 5_000, () => {});
    timers.shift()?.run();
    cancel();
    assert.deepEqual(timers, []);
  });
});

function startLimit(limitMs: number, given: Partial<LimitOptions> = {}) {
  const clock = new FakeClock();
  const seen = { isOver: false, absences: [] as number[] };
  const limit = new Limit({
    clock,
    limitMs,
    onAbsence: (ms) => seen.absences.push(ms),
    onOver: () => seen.isOver = true,
    ...given,
  });
  return { clock, limit, seen };
}

Deno.test("A limit is over when it is due, and not before", () => {
  const { clock, seen } = startLimit(20_500);
  clock.advance(20_499);
  assert.deepEqual(seen, { isOver: false, absences: [] });
  clock.advance(1);
  assert.equal(seen.isOver, true);
  assert.equal(clock.timerCount, 0);
});

Deno.test("A limit that is started anew leaves its whole time from then on", () => {
  const { clock, limit, seen } = startLimit(3_000);
  clock.advance(2_600);
  limit.restart();
  clock.advance(2_999);
  assert.equal(seen.isOver, false);
  clock.advance(1);
  assert.equal(seen.isOver, true);
});

for (const heldUpMs of [5_000, 90_000]) {
  Deno.test(`A limit leaves out ${heldUpMs / 1000} s in which its thread was not there`, () => {
    const { clock, seen } = startLimit(10_000);
    clock.advance(4_000);
    clock.stall(heldUpMs);
    clock.advance(0);
    assert.deepEqual(seen, { isOver: false, absences: [heldUpMs - 1_000] });
    clock.advance(4_999);
    assert.equal(seen.isOver, false);
    clock.advance(1);
    assert.equal(seen.isOver, true);
  });
}

Deno.test("What came while the thread was not there is heard before a limit that was nearly over ends", () => {
  const { clock, limit, seen } = startLimit(10_000);
  clock.advance(9_500);
  clock.stall(90_000);
  clock.advance(999);
  assert.equal(seen.isOver, false);
  limit.restart();
  clock.advance(9_999);
  assert.equal(seen.isOver, false);
  limit.cancel();
});

Deno.test("A sleep in which the monotonic clock stands still leaves a silent connection less time", () => {
  const { clock, seen } = startLimit(60_000, { leftAfterAbsenceMs: 10_000 });
  clock.advance(5_500);
  clock.suspend(90_000);
  clock.advance(500);
  assert.deepEqual(seen, { isOver: false, absences: [90_000] });
  clock.advance(9_999);
  assert.equal(seen.isOver, false);
  clock.advance(1);
  assert.equal(seen.isOver, true);
});

Deno.test("A limit takes a wall clock that is set for no absence", () => {
  const { clock, limit, seen } = startLimit(60_000, { leftAfterAbsenceMs: 10_000 });
  clock.advance(5_500);
  clock.shiftWall(3_600_000);
  clock.advance(54_499);
  assert.deepEqual(seen, { isOver: false, absences: [] });
  limit.cancel();
});

Deno.test("A limit comes to its end in a thread that is late all the time", () => {
  const { clock, seen } = startLimit(5_000);
  for (let turn = 0; turn < 20 && !seen.isOver; turn++) {
    clock.stall(2_500);
    clock.advance(0);
  }
  assert.equal(seen.isOver, true);
});

Deno.test("A limit that is cancelled as its absence is told does not end", () => {
  const { clock, limit, seen } = startLimit(1_000, { onAbsence: () => limit.cancel() });
  clock.stall(90_000);
  clock.advance(100_000);
  assert.equal(seen.isOver, false);
  assert.equal(clock.timerCount, 0);
});

Deno.test("Whoever judges by time at an interval does so a moment after an absence, not in the first turn", () => {
  const clock = new FakeClock();
  let runs = 0;
  const cancel = limitEvery(clock, 1_000, () => runs++);
  clock.advance(3_000);
  assert.equal(runs, 3);
  clock.stall(90_000);
  clock.advance(0);
  assert.equal(runs, 3);
  clock.advance(1_000);
  assert.equal(runs, 4);
  cancel();
  assert.equal(clock.timerCount, 0);
});

Deno.test("A short absence leaves a silent connection the time that it had", () => {
  const { clock, limit, seen } = startLimit(60_000, { leftAfterAbsenceMs: 10_000 });
  clock.advance(5_500);
  clock.stall(4_000);
  clock.advance(53_000);
  assert.equal(seen.isOver, false);
  limit.cancel();
});

Deno.test("A pause before the next try is soon over after the computer slept, and else takes its time", async () => {
  const clock = new FakeClock();
  let isOver = false;
  const { signal } = new AbortController();
  const paused = pause(clock, 300_000, signal).then(() => isOver = true);
  clock.advance(20_500);
  clock.suspend(90_000);
  clock.advance(1_499);
  await Promise.resolve();
  assert.equal(isOver, false);
  clock.advance(1);
  await paused;
  assert.equal(clock.timerCount, 0);
});
