/** Counts the viewers of events that no running Livecue counts, before a command shows them. */
import { systemClock } from "../clock.ts";
import { ViewerCount } from "../app/viewer_count.ts";
import type { Config } from "../config/config.ts";
import { isPostgresAddress } from "../database_address.ts";
import { t } from "../language.ts";
import { eachRoom } from "../store/each_room.ts";
import type { OpenReader } from "../store/reader.ts";
import type { Store } from "../store/store.ts";
import { isInUse } from "../store/usage.ts";
import type { Log } from "../log/log.ts";
import { UserError } from "../user_error.ts";
import { openLog } from "./command_log.ts";
import { mayExist, withReader } from "./reading.ts";

/** While Livecue runs, it counts each second. More events than this wait only if it has a backlog. */
const usualBacklog = 10_000;

/** Counts what a crash or a large backlog has left. While Livecue runs, it does that itself. */
export async function countUncounted({ database: address, durability }: Config): Promise<void> {
  if (!await mayExist(address)) return;
  let uncounted = 0;
  await withReader(address, (_, opened) => void (uncounted = uncountedIn(opened)));
  if (uncounted === 0 || await isInUse(address)) return;
  if (uncounted > usualBacklog) console.error(t`Counting the viewers of ${uncounted} events …`);
  const { log, stop } = openLog({ isVerbose: false });
  try {
    await eachRoom({ address, durability, clock: systemClock, log }, async (store, { isOnly }) => {
      // The room of a database without streamers has the events of all: others count their own.
      if (isOnly || store.streamer !== "") await countAll(store, log);
    });
  } catch (error) {
    // A standby, or a user who may only read, still shows what is counted.
    if (!(error instanceof UserError && isPostgresAddress(address))) throw error;
    console.error(t`Some events cannot be counted, and are missing in these numbers: ${error.message}`);
  } finally {
    await stop();
  }
}

/** Says if a running Livecue has much to count. */
export function tellBacklog(opened: OpenReader): void {
  const uncounted = uncountedIn(opened);
  if (uncounted <= usualBacklog) return;
  console.error(
    t`Livecue is still counting the viewers: ${uncounted} events are missing in these numbers.`,
  );
}

/** How many events, at most: ids may have gaps. Of many rooms, each that has some counts as one. */
function uncountedIn({ query, reader, of }: OpenReader): number {
  const rooms = query.all<{ name: string }>(
    "SELECT DISTINCT streamer AS name FROM live_session WHERE streamer <> ''",
  );
  if (rooms.length === 0) {
    const ids = reader.viewers.uncounted();
    if (ids <= usualBacklog) return ids;
    const sql = "SELECT count(*) AS count FROM live_event WHERE id > ?";
    return query.first<{ count: number }>(sql, reader.viewers.countedUpTo())?.count ?? 0;
  }
  return rooms.filter(({ name }) => {
    const { viewers } = of(name);
    return viewers.changesAfter({ after: viewers.countedUpTo(), limit: 1 }).hasMore;
  }).length;
}

async function countAll(store: Store, log: Log): Promise<void> {
  const { viewers } = store.reader;
  await new ViewerCount({
    clock: systemClock,
    log,
    operations: store.writer,
    streamer: store.streamer,
    idsHaveGaps: store.idsHaveGaps,
    upTo: viewers.countedUpTo(),
    lastEventId: () => store.ids.next("event") - 1,
    read: (asked) => viewers.changesAfter(asked),
  }).countAll();
}
