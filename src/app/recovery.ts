/** What a dead process left, put in order before anything else happens, and told in the log. */
import type { Log } from "../log/log.ts";
import type { Store } from "../store/owner.ts";
import type { RecoveryReport } from "../store/recovery.ts";

export interface RecoveryOptions {
  store: Store;
  log: Log;
  /** Unix milliseconds. */
  now: number;
  /** Discard what ended sessions left pending, whatever its age. */
  discardsPending: boolean;
}

/** Returns what was found: for the caller to close the open streaks in the turn in which the sessions are aborted. */
export async function recover(options: RecoveryOptions): Promise<RecoveryReport> {
  const { store, log, now, discardsPending } = options;
  const report = await store.recover(now);
  const { sessions, returnedItems, failedItems } = report;
  for (const { id, username } of sessions) {
    log.warn(`Session ${id} (@${username}) was cut off when Livecue died and is closed now.`);
  }
  if (returnedItems > 0) {
    log.warn(`Items that were cut off with it and are processed again: ${returnedItems}.`);
  }
  if (failedItems > 0) {
    log.warn(`Items that had been in too many crashes and are failed now: ${failedItems}.`);
  }
  const { discarded, leftOver } = await store.discardStale({ now, all: discardsPending });
  if (discarded > 0) {
    log.info(`Items that earlier sessions left pending, discarded as stale: ${discarded}.`);
  }
  if (leftOver > 0) {
    log.info(
      `Items that earlier sessions left pending, and that are still to be processed: ${leftOver}. ` +
        'Add --discard-pending to discard them, or set "stale_after_seconds" to have old ones discarded always.',
    );
  }
  return report;
}
