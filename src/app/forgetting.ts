/** Ids of payments and of emitted events tell a repetition for a day. What is older goes, so that they stay few. */
import { type Clock, every } from "../clock.ts";
import { repeatHorizonMs } from "../live/live_memory.ts";
import type { OperationLog } from "../operation.ts";

/** A thousand go at a time, which is more than come in so long. */
const forgetEveryMs = 10_000;

/** Goes on until the returned function is called. */
export function forgetOldIds(operations: OperationLog, clock: Clock): () => void {
  return every(clock, forgetEveryMs, () => {
    operations.add({ kind: "forget_known_ids", before: clock.now() - repeatHorizonMs });
  });
}
