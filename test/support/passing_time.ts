import { setImmediate as nextTurn } from "node:timers/promises";
import type { FakeClock } from "./fake_clock.ts";

/** Lets time pass while `work` goes on: so much in each turn of the event loop. */
export async function whileTimePasses<Value>(
  clock: FakeClock,
  work: Promise<Value>,
  stepMs = 10,
): Promise<Value> {
  let isOver = false;
  const ended = work.finally(() => isOver = true);
  while (!isOver) {
    await nextTurn();
    if (!isOver) clock.advance(stepMs);
  }
  return await ended;
}
