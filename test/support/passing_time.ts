import { setImmediate as nextTurn } from "node:timers/promises";
import type { FakeClock } from "./fake_clock.ts";

/** Lets time pass while `work` goes on: a hundredth of a second in each turn of the event loop. */
export async function whileTimePasses<Value>(clock: FakeClock, work: Promise<Value>): Promise<Value> {
  let isOver = false;
  const ended = work.finally(() => isOver = true);
  while (!isOver) {
    await nextTurn();
    if (!isOver) clock.advance(10);
  }
  return await ended;
}
