/** The pending items of each service in the database: which of them are too old, how many there are, and pages of them. */
import type { Clock } from "../clock.ts";
import type { StoredItem } from "../item.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import type { Database } from "./database.ts";
import {
  type BrokenItem,
  countPending,
  type PendingCount,
  pendingIds,
  type PendingPage,
  pendingPage,
} from "./pending_rows.ts";
import type { ReaderThread } from "./reader_thread.ts";
import { discardRows, staleBefore, type StaleRows } from "./stale.ts";
import type { Writer } from "./writer.ts";

/** Pending items that earlier runs left to the active services. */
export interface StaleReport {
  /** No queue loads them; their rows are updated in chunks. */
  discarded: number;
  /** Items of services without `stale_after_seconds`: they stay pending. */
  leftOver: number;
}

/** A service's pending rows, as its queue reads them. */
export interface StoredQueue {
  counts(): Promise<readonly PendingCount[]>;
  /** null if the database is away. */
  page(options: PendingPage): StoredItem[] | null;
  /** Called when the database is back, after `page` returned null. */
  onReadable?: () => void;
  ids(options: PendingPage & { beforeId: number }): number[];
}

/** Up to this many rows are counted in this thread, more in the reading thread. */
export const countedAtOnce = 10_000;

/** How many broken items are reported individually. */
const maxReportedBroken = 10;

export interface StoredQueuesParts {
  database: Database;
  writer: Writer;
  questions: ReaderThread;
  clock: Clock;
  log: Log;
  /** By id. */
  services(): ReadonlyMap<number, ServiceConfig>;
  /** Aborts when the store stops. */
  signal: AbortSignal;
}

export class StoredQueues {
  readonly #parts: StoredQueuesParts;
  /** By service: all pending items with lower ids are stale. */
  readonly #staleBelow = new Map<number, number>();
  /** By service: counts made before its queue was loaded, used once. */
  readonly #counted = new Map<number, readonly PendingCount[]>();
  #discarding: Promise<void> = Promise.resolve();
  #brokenItems = 0;

  constructor(parts: StoredQueuesParts) {
    this.#parts = parts;
  }

  /**
   * Discards items that earlier runs left pending in the active services for longer than their `stale_after_seconds`,
   * or of any age with `all`. Call it after `recover`, before a queue is loaded: no queue loads these items, and
   * their rows are updated in chunks of a thousand. The next start continues with rows that a stop leaves pending.
   */
  async discardStale({ now, all }: { now: number; all: boolean }): Promise<StaleReport> {
    const report: StaleReport = { discarded: 0, leftOver: 0 };
    const stale: StaleRows[] = [];
    for (const [serviceId, { isActive, staleAfterSeconds }] of this.#parts.services()) {
      if (!isActive) continue;
      if (!all && staleAfterSeconds === null) {
        const counts = await this.#countPending(serviceId, 1, this.#parts.database.ids.next("item"));
        this.#counted.set(serviceId, counts);
        report.leftOver += total(counts);
        continue;
      }
      const since = now - (staleAfterSeconds ?? 0) * 1000;
      const endId = this.#parts.database.ids.next("item");
      const beforeId = all
        ? endId
        : staleBefore(this.#parts.database.query, since, { serviceId, beforeId: endId });
      const count = total(await this.#countPending(serviceId, 1, beforeId));
      if (count === 0) continue;
      report.discarded += count;
      this.#staleBelow.set(serviceId, beforeId);
      stale.push({ serviceId, beforeId });
    }
    const options = {
      query: this.#parts.database.query,
      writer: this.#parts.writer,
      at: now,
      signal: this.#parts.signal,
    };
    // The writer itself reports a write error.
    this.#discarding = discardRows(stale, options).catch(() => {});
    return report;
  }

  /** Resolves when the rows of all stale items are updated. Before that no item may be put back. */
  staleDiscarded(): Promise<void> {
    return this.#discarding;
  }

  /** The pending rows of a service, as they will be when the writer has written everything that waits. */
  pendingOf(serviceId: number): StoredQueue {
    const fromId = this.#staleBelow.get(serviceId) ?? 1;
    const queue: StoredQueue = {
      counts: async () => {
        const counted = this.#counted.get(serviceId);
        this.#counted.delete(serviceId);
        return counted ?? await this.#countPending(serviceId, fromId, Number.MAX_SAFE_INTEGER);
      },
      page: (options) => {
        const afterId = Math.max(options.afterId, fromId - 1);
        const leaving = this.#parts.writer.leavingItems();
        const onBroken = (broken: BrokenItem) => this.#setAside(serviceId, broken);
        const page = { ...options, afterId, leaving, onBroken };
        return this.#orNull(queue, () => pendingPage(this.#parts.database.query, serviceId, page));
      },
      ids: (options) => pendingIds(this.#parts.database.query, serviceId, options),
    };
    return queue;
  }

  async #countPending(serviceId: number, fromId: number, beforeId: number): Promise<readonly PendingCount[]> {
    const bound = { serviceId, fromId, beforeId };
    return countPending(this.#parts.database.query, bound, countedAtOnce) ??
      await this.#parts.questions.ask("pendingCounts", bound);
  }

  #orNull<Result>(queue: StoredQueue, read: () => Result): Result | null {
    try {
      return read();
    } catch (error) {
      if (!this.#parts.database.isAway(error)) throw error;
      this.#parts.database.whenBack().then(() => queue.onReadable?.());
      return null;
    }
  }

  /** No service can act on a broken item: it becomes failed, and its row and the log say why. */
  #setAside(serviceId: number, { itemId, slug, eventId }: BrokenItem): void {
    const error = `Event ${eventId} cannot be read: its row is broken or missing.`;
    this.#parts.writer.add({
      kind: "set_aside_item",
      serviceId,
      id: itemId,
      error,
      at: this.#parts.clock.now(),
    });
    this.#brokenItems += 1;
    if (this.#brokenItems <= maxReportedBroken) {
      this.#parts.log.warn(
        t`Item ${itemId} of ${slug} has failed, because event ${eventId} (table live_event) cannot be read. The command "check" says what is wrong with it.`,
      );
    } else if (this.#brokenItems === maxReportedBroken + 1) {
      this.#parts.log.warn(
        t`More items have failed for the same reason. "queue --status failed" lists them.`,
      );
    }
  }
}

function total(counts: readonly PendingCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
