/** What a dead process left, put in order before anything else happens, and told in the log. */
import type { LiveEvent } from "../event.ts";
import type { Log } from "../log/log.ts";
import type { Store } from "../store/owner.ts";

export interface RecoveryOptions {
  store: Store;
  log: Log;
  /** Unix milliseconds. */
  now: number;
  /** Discard what ended sessions left pending, whatever its age. */
  discardsPending: boolean;
}

/** Returns the last event of each streak that was still open: for the caller to close, in the same turn. */
export function recover({ store, log, now, discardsPending }: RecoveryOptions): LiveEvent[] {
  const { sessions, returnedItems, failedItems, openStreaks } = store.recover(now);
  for (const { id, username } of sessions) {
    log.warn(`Session ${id} (@${username}) was cut off when Livecue died and is closed now.`);
  }
  if (returnedItems > 0) {
    log.warn(`Items that were cut off with it and are processed again: ${returnedItems}.`);
  }
  if (failedItems > 0) {
    log.warn(`Items that had been in too many crashes and are failed now: ${failedItems}.`);
  }
  const { discarded, leftOver } = store.discardStale({ now, all: discardsPending });
  if (discarded > 0) {
    log.info(`Items that earlier sessions left pending, discarded as stale: ${discarded}.`);
  }
  if (leftOver > 0) {
    log.info(
      `Items that earlier sessions left pending, and that are still to be processed: ${leftOver}. ` +
        'Add --discard-pending to discard them, or set "stale_after_seconds" to have old ones discarded always.',
    );
  }
  return openStreaks;
}
