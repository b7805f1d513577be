/** The ids of payments and emitted events detect a repetition for a day. Older ids are deleted, which bounds their number. */
import { type Clock, every } from "../clock.ts";
import { repeatHorizonMs } from "../lives/live_memory.ts";
import type { OperationLog } from "../operation.ts";
import { Retention, type RetentionOptions } from "./retention.ts";

/** Each run deletes up to a thousand ids, more than are added in this time. */
const forgetEveryMs = 10_000;

/** Deletes old ids from now on, until the returned function is called. */
export function forgetOldIds(operations: OperationLog, clock: Clock): () => void {
  const forget = () => operations.add({ kind: "forget_known_ids", before: clock.now() - repeatHorizonMs });
  forget();
  return every(clock, forgetEveryMs, forget);
}

/** Deletes old ids and old sessions from now on, until the returned function is called. */
export function startForgetting(options: RetentionOptions): () => Promise<void> {
  const stopForgetting = forgetOldIds(options.store.writer, options.clock);
  const retention = new Retention(options);
  retention.start();
  return () => {
    stopForgetting();
    return retention.stop();
  };
}
