/**
 * Counts the viewers of all lives, behind the path of events. It reads committed events in batches, in the reading
 * thread, and writes what they add and the id of the last one in one transaction. So an event counts once, whenever
 * Livecue crashes, and the events of an older database are counted in the same way while the live goes on.
 */
import { type Clock, sleep } from "../clock.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { OperationLog } from "../operation.ts";
import { DatabaseAway } from "../store/postgres/trouble.ts";
import type { Store } from "../store/store.ts";
import { type ChangesAsked, countedUpToKey, type ViewerCounts } from "../store/viewers.ts";

export interface ViewerCountOptions {
  clock: Clock;
  log: Log;
  operations: OperationLog;
  /** Whose events are counted, in a database of many rooms. */
  streamer: string;
  /** Whether ids have gaps, so that they do not tell how many events there are. */
  idsHaveGaps: boolean;
  /** The last event that is counted. */
  upTo: number;
  /** The last event that was added, which may not be committed yet. */
  lastEventId(): number;
  read(asked: ChangesAsked): Promise<ViewerCounts> | ViewerCounts;
}

/** Few enough that writing them, some 15 µs a viewer on the main thread, holds up a live for 3 ms at most. */
const eventsAtOnce = 200;
/** Without a live, larger batches take less time. */
const eventsAtOnceAlone = 10_000;
/** How long events may wait to be counted. */
const everyMs = 1_000;
/** While it is behind, it rests for nine times as long as a batch took, so that it takes a tenth of a core. */
const restsPerBatch = 9;
const shortestRestMs = 20;
/** A backlog of more events is reported. */
const largeBacklog = 10_000;
/** How long a stop may go on counting. */
const finishingMs = 500;

export class ViewerCount {
  readonly #options: ViewerCountOptions;
  readonly #stopping = new AbortController();
  #counting: Promise<void> | null = null;
  #upTo: number;
  /** No event of this run has an id up to this one. */
  #before = 0;

  /** Reads in the reading thread of the store. */
  static of(store: Store, options: Pick<ViewerCountOptions, "clock" | "log" | "lastEventId">): ViewerCount {
    return new ViewerCount({
      ...options,
      log: options.log.named("viewers"),
      operations: store.writer,
      streamer: store.streamer,
      idsHaveGaps: store.idsHaveGaps,
      upTo: store.reader.viewers.countedUpTo(),
      read: (asked) => store.questions.ask("viewerChanges", asked),
    });
  }

  constructor(options: ViewerCountOptions) {
    this.#options = options;
    this.#upTo = options.upTo;
  }

  /** The last event that is counted and committed. */
  get upTo(): number {
    return this.#upTo;
  }

  start(): void {
    if (this.#counting !== null) return;
    this.#before = this.#options.lastEventId();
    this.#counting = this.#reporting(() => this.#countAlways());
  }

  /** Stops, and counts the last events if that takes less than half a second. The next start counts the others. */
  async stop(): Promise<void> {
    const { clock, operations } = this.#options;
    this.#stopping.abort();
    const endsAt = clock.monotonic() + finishingMs;
    const finish = async () => {
      await this.#counting;
      await operations.flush();
      await this.countAll(() => clock.monotonic() < endsAt);
    };
    const late = new AbortController();
    await Promise.race([this.#reporting(finish), sleep(clock, finishingMs, late.signal)]);
    late.abort();
  }

  /** Counts one batch after the other, while `mayGoOn` allows it. */
  async countAll(mayGoOn: () => boolean = () => true): Promise<void> {
    let hasMore = this.#isBehind;
    while (hasMore && mayGoOn()) hasMore = await this.#countBatch(eventsAtOnceAlone);
  }

  get #isBehind(): boolean {
    return this.#options.lastEventId() > this.#upTo;
  }

  async #countAlways(): Promise<void> {
    const { clock, log, lastEventId, idsHaveGaps } = this.#options;
    const { signal } = this.#stopping;
    const backlog = lastEventId() - this.#upTo;
    let isReported = !idsHaveGaps && backlog > largeBacklog;
    if (isReported) {
      log.info(
        t`The viewers of ${backlog} earlier events are counted in the background. Until then, the numbers of viewers are too low.`,
      );
    }
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      const hasMore = this.#isBehind && await this.#countIfThere();
      if (!hasMore && isReported) {
        isReported = false;
        log.info(t`The viewers of all earlier events are counted.`);
      }
      const restMs = Math.max(shortestRestMs, restsPerBatch * (clock.monotonic() - startedAt));
      await sleep(clock, hasMore ? restMs : everyMs, signal);
    }
  }

  /** Whether there are more. Those that a server does not give at present are counted later. */
  async #countIfThere(): Promise<boolean> {
    try {
      return await this.#countBatch(eventsAtOnce);
    } catch (error) {
      if (error instanceof DatabaseAway) return false;
      throw error;
    }
  }

  /** Whether there are more. */
  async #countBatch(limit: number): Promise<boolean> {
    const { operations, streamer, read } = this.#options;
    const { changes, upTo, hasMore } = await read({ after: this.#upTo, limit });
    if (upTo === this.#upTo) {
      // All events of earlier runs are committed: the ids in between belong to none, or to other rooms.
      this.#upTo = Math.max(upTo, this.#before);
      return false;
    }
    await new Promise<void>((resolve) => {
      operations.together(() => {
        for (const change of changes) {
          operations.add({ kind: "add_viewer", change });
          operations.add({ kind: "add_viewer_live", change });
        }
        operations.add({ kind: "set_config", key: countedUpToKey(streamer), value: String(upTo) }, resolve);
      });
    });
    this.#upTo = upTo;
    return hasMore;
  }

  /** Events that cannot be counted stop no live. While Livecue stops, the database may be closed at any moment. */
  async #reporting(count: () => Promise<void>): Promise<void> {
    try {
      await count();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#options.log.warn(
        `${t`The viewers cannot be counted from event ${this.#upTo + 1} on: ${(error as Error).message}`} ` +
          t`The command "check" says what is wrong. Livecue tries again at the next start.`,
      );
    }
  }
}
