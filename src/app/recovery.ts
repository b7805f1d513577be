/** Recovers from a crash before anything else happens, and logs the result. */
import { formatNumber, t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { Store } from "../store/store.ts";
import type { RecoveryReport } from "../store/recovery.ts";

export interface RecoveryOptions {
  store: Store;
  log: Log;
  /** Unix milliseconds. */
  now: number;
  /** Whether to discard the pending items of ended sessions, whatever their age. */
  discardsPending: boolean;
}

/** Returns what was found. The caller must close the open streaks in the same turn in which it aborts the sessions. */
export async function recover(options: RecoveryOptions): Promise<RecoveryReport> {
  const { store, log, now, discardsPending } = options;
  const report = await store.recover(now);
  const { sessions, returnedItems, failedItems } = report;
  for (const { id, username, source } of sessions) {
    const whose = username === "" ? source : `@${username}`;
    log.warn(t`Session ${id} (${whose}) was open when Livecue crashed or was killed. It is closed now.`);
  }
  if (returnedItems > 0) {
    log.warn(
      t`Items that were in progress then, and will be processed again: ${formatNumber(returnedItems)}.`,
    );
  }
  if (failedItems > 0) {
    log.warn(t`Items that failed because they were in too many crashes: ${formatNumber(failedItems)}.`);
  }
  const { discarded, leftOver } = await store.discardStale({ now, all: discardsPending });
  if (discarded > 0) {
    log.info(t`Stale pending items of earlier sessions, now discarded: ${formatNumber(discarded)}.`);
  }
  if (leftOver > 0) {
    log.info(
      t`Pending items of earlier sessions, which will be processed: ${
        formatNumber(leftOver)
      }. Add --discard-pending to discard them, or set "stale_after_seconds" to always discard old ones.`,
    );
  }
  return report;
}
