/** Ids of payments and of emitted events tell a repetition for a day. What is older goes, so that they stay few. */
import { type Clock, every } from "../clock.ts";
import { repeatHorizonMs } from "../lives/live_memory.ts";
import type { OperationLog } from "../operation.ts";

/** A thousand go at a time, which is more than come in so long. */
const forgetEveryMs = 10_000;

/** Begins at once, and goes on until the returned function is called. */
export function forgetOldIds(operations: OperationLog, clock: Clock): () => void {
  const forget = () => operations.add({ kind: "forget_known_ids", before: clock.now() - repeatHorizonMs });
  forget();
  return every(clock, forgetEveryMs, forget);
}
