import assert from "node:assert/strict";
import { systemClock } from "../src/clock.ts";

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
