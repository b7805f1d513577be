/**
 * Who has how many points, and why. Each change has a key, so that an event that comes again after a crash changes
 * nothing; a change and its key are one transaction; no balance is ever below zero.
 */
import type { DatabaseSync, Migration } from "livecue/service";
import { simplified } from "livecue/words";

export const migrations: readonly Migration[] = [[
  `CREATE TABLE account (
    user_id TEXT PRIMARY KEY,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    simple_name TEXT NOT NULL,
    points INTEGER NOT NULL DEFAULT 0 CHECK (points BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}),
    live_id INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER NOT NULL DEFAULT 0,
    rest_ms INTEGER NOT NULL DEFAULT 0,
    commented_at INTEGER
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX account_points ON account (points DESC, user_id)",
  "CREATE INDEX account_handle ON account (handle)",
  "CREATE INDEX account_name ON account (simple_name)",
  `CREATE TABLE entry (
    key TEXT NOT NULL,
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (key, user_id)
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX entry_user ON entry (user_id)",
  "CREATE TABLE reward_use (command TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
]];

export interface Person {
  id: string;
  uniqueId: string;
  nickname: string;
}

export interface Account {
  userId: string;
  handle: string;
  name: string;
  points: number;
}

/** A change by an event. The same event has the same key. */
export interface Cause {
  key: string;
  /** Unix milliseconds, by the live. */
  at: number;
}

export interface Presence extends Cause {
  liveId: number;
  perMinute: number;
  awayMs: number;
  /** A comment earns only after a pause. */
  comment: { points: number; pauseMs: number } | null;
  /** Of a gift. */
  points: number;
}

export type Spending = { kind: "spent"; left: number } | { kind: "too_few"; points: number } | {
  kind: "cooling";
  seconds: number;
};

export type Giving = { kind: "given"; left: number } | { kind: "too_few"; points: number };

/** The highest balance: more is not exact. */
const most = Number.MAX_SAFE_INTEGER;

export class Ledger {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Notes that a viewer is there, and adds what the event and the time since the last one earn. */
  earn(person: Person, presence: Presence): void {
    this.#transaction(() => {
      this.#know(person);
      const { at, liveId, perMinute, awayMs, comment, points } = presence;
      const { live_id, seen_at, rest_ms, commented_at } = this.#row(person.id);
      const elapsedMs = live_id === liveId ? at - Number(seen_at) : 0;
      const watchedMs = Number(rest_ms) + (elapsedMs > 0 && elapsedMs <= awayMs ? elapsedMs : 0);
      const minutes = Math.floor(watchedMs / 60_000);
      const sinceComment = commented_at === null ? Infinity : Math.abs(at - Number(commented_at));
      const commentCounts = comment !== null && sinceComment >= comment.pauseMs;
      this.#database.prepare(
        `UPDATE account SET live_id = ?, seen_at = CASE WHEN live_id = ? THEN max(seen_at, ?) ELSE ? END,
          rest_ms = ?, commented_at = coalesce(?, commented_at) WHERE user_id = ?`,
      ).run(liveId, liveId, at, at, watchedMs % 60_000, commentCounts ? at : null, person.id);
      const earned = points + minutes * perMinute + (commentCounts ? comment.points : 0);
      this.#change(presence, { userId: person.id, amount: earned, reason: "earned" });
    });
  }

  /** Takes the cost of a reward. The same event again is "spent" again, and costs nothing. */
  spend(
    person: Person,
    { key, at, command, cost, cooldownMs }: Cause & { command: string; cost: number; cooldownMs: number },
  ): Spending {
    return this.#transaction((): Spending => {
      this.#know(person);
      if (this.#isDone(key, person.id)) return { kind: "spent", left: this.#pointsOf(person.id) };
      const used = this.#database.prepare("SELECT at FROM reward_use WHERE command = ?").get(command);
      const leftMs = used === undefined ? 0 : Number(used["at"]) + cooldownMs - at;
      // A use in the far future is of another clock.
      if (leftMs > 0 && leftMs <= cooldownMs) return { kind: "cooling", seconds: Math.ceil(leftMs / 1000) };
      const points = this.#pointsOf(person.id);
      if (points < cost) return { kind: "too_few", points };
      this.#change({ key, at }, { userId: person.id, amount: -cost, reason: `spent: ${command}` });
      this.#database.prepare(
        "INSERT INTO reward_use VALUES (?, ?) ON CONFLICT (command) DO UPDATE SET at = excluded.at",
      ).run(command, at);
      return { kind: "spent", left: points - cost };
    });
  }

  /** Gives back what an event spent. */
  undo(userId: string, key: string): void {
    this.#transaction(() => {
      const entry = this.#database.prepare("SELECT amount FROM entry WHERE key = ? AND user_id = ?").get(
        key,
        userId,
      );
      if (entry === undefined) return;
      this.#database.prepare("DELETE FROM entry WHERE key = ? AND user_id = ?").run(key, userId);
      this.#database.prepare("UPDATE account SET points = max(points - ?, 0) WHERE user_id = ?")
        .run(Number(entry["amount"]), userId);
    });
  }

  /** Moves points from one viewer to another, who has an account. `amount`: more than 0. */
  give(person: Person, { key, at, to, amount }: Cause & { to: string; amount: number }): Giving {
    return this.#transaction((): Giving => {
      this.#know(person);
      const points = this.#pointsOf(person.id);
      if (this.#isDone(key, person.id)) return { kind: "given", left: points };
      if (points < amount || this.#pointsOf(to) + amount > most) return { kind: "too_few", points };
      this.#change({ key, at }, { userId: person.id, amount: -amount, reason: "given" });
      this.#change({ key, at }, { userId: to, amount, reason: "received" });
      return { kind: "given", left: points - amount };
    });
  }

  /** By a person's hand. A balance stops at zero. Returns the new one. */
  adjust(userId: string, { key, at, amount }: Cause & { amount: number }): number {
    return this.#transaction(() => {
      const bounded = Math.max(amount, -this.#pointsOf(userId));
      this.#change({ key, at }, { userId, amount: bounded, reason: "by hand" });
      return this.#pointsOf(userId);
    });
  }

  /** Whom a name means: a handle in any case, with or without an @, or a name without case and accents. */
  find(name: string): Account[] {
    const handle = name.replace(/^@/, "").toLowerCase();
    const isHandle = name.startsWith("@");
    return this.#accounts(
      "WHERE handle = ? OR (simple_name = ? AND ?) ORDER BY points DESC, user_id LIMIT 20",
      handle,
      simplified(name),
      isHandle ? 0 : 1,
    );
  }

  account(userId: string): Account | null {
    return this.#accounts("WHERE user_id = ?", userId)[0] ?? null;
  }

  top(count: number): Account[] {
    return this.#accounts("WHERE points > 0 ORDER BY points DESC, user_id LIMIT ?", count);
  }

  /**
   * Deletes entries from before a time (Unix milliseconds), or only counts them. Balances stay. Returns how many there
   * are.
   */
  deleteBefore(before: number, { isDryRun }: { isDryRun: boolean }): number {
    const { count } = this.#database.prepare("SELECT count(*) AS count FROM entry WHERE at < ?")
      .get(before) as { count: number };
    if (!isDryRun) this.#database.prepare("DELETE FROM entry WHERE at < ?").run(before);
    return count;
  }

  /** Deletes all that is kept about a viewer. Returns whether there was anything. */
  forget(userId: string): boolean {
    // Overwrites what is deleted, so that it cannot be read from the free parts of the file.
    this.#database.exec("PRAGMA secure_delete = ON");
    const isGone = this.#transaction(() => {
      this.#database.prepare("DELETE FROM entry WHERE user_id = ?").run(userId);
      return Number(this.#database.prepare("DELETE FROM account WHERE user_id = ?").run(userId).changes) > 0;
    });
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return isGone;
  }

  #know({ id, uniqueId, nickname }: Person): void {
    this.#database.prepare(
      `INSERT INTO account (user_id, handle, name, simple_name) VALUES (?, ?, ?, ?)
        ON CONFLICT (user_id) DO UPDATE SET handle = excluded.handle, name = excluded.name,
          simple_name = excluded.simple_name
        WHERE handle <> excluded.handle OR name <> excluded.name`,
    ).run(id, uniqueId.toLowerCase(), nickname || uniqueId, simplified(nickname || uniqueId));
  }

  /** Once for a key. A change of nothing leaves no entry. */
  #change(
    { key, at }: Cause,
    { userId, amount, reason }: { userId: string; amount: number; reason: string },
  ): void {
    if (amount === 0 || this.#isDone(key, userId)) return;
    this.#database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?)").run(key, userId, at, amount, reason);
    this.#database.prepare(`UPDATE account SET points = min(points + ?, ${most}) WHERE user_id = ?`)
      .run(amount, userId);
  }

  #isDone(key: string, userId: string): boolean {
    return this.#database.prepare("SELECT 1 FROM entry WHERE key = ? AND user_id = ?").get(key, userId) !==
      undefined;
  }

  #pointsOf(userId: string): number {
    return Number(this.#row(userId)["points"] ?? 0);
  }

  #row(userId: string): Record<string, unknown> {
    return this.#database.prepare("SELECT * FROM account WHERE user_id = ?").get(userId) ?? {};
  }

  #accounts(rest: string, ...values: (string | number)[]): Account[] {
    return this.#database.prepare(
      `SELECT user_id AS userId, handle, name, points FROM account ${rest}`,
    ).all(...values) as unknown as Account[];
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
