/**
 * What people change about viewers. The table is of all rooms: commands and other machines write to it, too, so each
 * room looks at it for the viewers that were blocked elsewhere.
 */
import type { Clock } from "../../clock.ts";
import type { OperationLog } from "../../operation.ts";
import { type ViewerKey, type ViewerMark, viewerName } from "../../viewer.ts";
import type { Marks } from "../mark_box.ts";
import type { Query } from "../query.ts";
import { DatabaseAway } from "./trouble.ts";

/** How often the table is read, for all rooms together. */
const lookEveryMs = 2_000;

/** The blocked viewers, as last read. */
export class BlockedViewers {
  readonly #query: Query;
  readonly #clock: Clock;
  #readAt = -Infinity;
  #byName: ReadonlyMap<string, ViewerKey> = new Map();

  constructor(query: Query, clock: Clock) {
    this.#query = query;
    this.#clock = clock;
  }

  /** By name. The same map as long as nothing was read. */
  get byName(): ReadonlyMap<string, ViewerKey> {
    const now = this.#clock.monotonic();
    if (now - this.#readAt >= lookEveryMs) {
      this.#readAt = now;
      this.#read();
    }
    return this.#byName;
  }

  #read(): void {
    try {
      const rows = this.#query.all<ViewerKey>(
        `SELECT platform, user_id AS "userId" FROM viewer_mark WHERE is_blocked = 1`,
      );
      this.#byName = new Map(rows.map((key) => [viewerName(key), key]));
    } catch (error) {
      // The next look may find the database back.
      if (!(error instanceof DatabaseAway)) throw error;
    }
  }
}

/** The marks of one room. */
export class PostgresMarks implements Marks {
  readonly #blocked: BlockedViewers;
  #left: ViewerMark[] = [];
  /** Own changes whose rows are not committed yet. */
  #uncommitted = 0;
  #seen: ReadonlyMap<string, ViewerKey>;

  constructor(blocked: BlockedViewers) {
    this.#blocked = blocked;
    this.#seen = blocked.byName;
  }

  leave(mark: ViewerMark): () => boolean {
    this.#left.push(mark);
    return () => this.#left.includes(mark);
  }

  take(operations: OperationLog): ViewerMark[] {
    const own = this.#left;
    this.#left = [];
    for (const mark of own) {
      this.#uncommitted += 1;
      operations.add({ kind: "mark_viewer", mark }, () => this.#uncommitted -= 1);
    }
    return [...own, ...this.#changedElsewhere()];
  }

  #changedElsewhere(): ViewerMark[] {
    const now = this.#blocked.byName;
    const before = this.#seen;
    // Rows that were read before an own change was committed would take it back.
    if (now === before || this.#uncommitted > 0) return [];
    this.#seen = now;
    const added = [...now].filter(([name]) => !before.has(name)).map(([, key]) => ({
      ...key,
      isBlocked: true,
    }));
    const gone = [...before].filter(([name]) => !now.has(name)).map(([, key]) => ({
      ...key,
      isBlocked: false,
    }));
    return [...added, ...gone];
  }
}
