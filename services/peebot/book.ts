/** The book of posts: which text was chosen when, what became of it, and when the next one is allowed. */
import { createHash } from "node:crypto";
import type { DatabaseSync, Migration } from "livecue/service";

export const migrations: readonly Migration[] = [[
  `CREATE TABLE post (
    key TEXT PRIMARY KEY,
    network TEXT NOT NULL,
    at INTEGER NOT NULL,
    round INTEGER NOT NULL,
    template TEXT NOT NULL,
    text TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('chosen', 'tried', 'posted', 'failed')),
    address TEXT,
    error TEXT
  ) STRICT`,
  "CREATE INDEX post_at ON post (network, at)",
], "ALTER TABLE post ADD COLUMN posted_at INTEGER"];

/** The network of posts that were not posted. */
export const dryRun = "dry run";

export interface Wanted {
  /** The same when the choice is repeated after a crash. */
  key: string;
  network: string;
  /** Unix milliseconds. */
  at: number;
  /** No other post is this near, in milliseconds. */
  gapMs: number;
  /** At least one. */
  templates: readonly string[];
  fill(template: string): string;
}

export type Choice = { kind: "post"; key: string; at: number; text: string } | {
  kind: "too_soon";
  allowedAt: number;
};

export interface Entry {
  at: number;
  network: string;
  text: string;
  status: "chosen" | "tried" | "posted" | "failed";
  address: string;
  error: string;
}

export class Book {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Chooses a text that was not used since all were used, unless the last post is too near. */
  choose(wanted: Wanted): Choice {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const choice = this.#known(wanted.key) ?? this.#new(wanted);
      this.#database.exec("COMMIT");
      return choice;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Notes that a request is about to be sent. Returns whether one was sent before. */
  begin(key: string): boolean {
    const { changes } = this.#database
      .prepare("UPDATE post SET status = 'tried' WHERE key = ? AND status = 'chosen'").run(key);
    return changes === 0;
  }

  /** `at`: when it was posted, which may be long after it was chosen. */
  finish(key: string, { address, at }: { address: string; at: number }): void {
    this.#database.prepare(
      "UPDATE post SET status = 'posted', address = ?, posted_at = ?, error = NULL WHERE key = ?",
    ).run(address, at, key);
  }

  /** A failed post may yet be there, so its text counts as used. A retry by hand asks for it. */
  fail(key: string, error: string): void {
    this.#database.prepare("UPDATE post SET status = 'failed', error = ? WHERE key = ?").run(error, key);
  }

  /** When the next post is allowed; null: at once. */
  allowedAt(network: string, now: number, gapMs: number): number | null {
    // A post in the far future was made before the clock was set back.
    const row = this.#database
      .prepare(
        "SELECT max(coalesce(posted_at, at)) AS at FROM post " +
          "WHERE network = ? AND coalesce(posted_at, at) > ? AND coalesce(posted_at, at) < ?",
      ).get(network, now - gapMs, now + gapMs);
    return typeof row?.["at"] === "number" ? row["at"] + gapMs : null;
  }

  /** The last posts, newest first. */
  last(count: number): Entry[] {
    return this.#database.prepare(
      "SELECT at, network, text, status, coalesce(address, '') AS address, coalesce(error, '') AS error " +
        "FROM post ORDER BY at DESC, rowid DESC LIMIT ?",
    ).all(count) as unknown as Entry[];
  }

  /**
   * Deletes posts that were chosen before a time (Unix milliseconds), or only counts them. The last ones of each network
   * stay, because they say which of the texts were used. Returns how many there are.
   */
  deleteBefore(before: number, { templates, isDryRun }: { templates: number; isDryRun: boolean }): number {
    const networks = this.#database.prepare("SELECT DISTINCT network FROM post").all();
    let count = 0;
    for (const { network } of networks) {
      const old = `FROM post WHERE network = ?1 AND at < ?2
        AND rowid <= (SELECT rowid FROM post WHERE network = ?1 ORDER BY rowid DESC LIMIT 1 OFFSET ?3)`;
      const values = [String(network), before, lookedBack(templates)];
      count += Number(this.#database.prepare(`SELECT count(*) AS count ${old}`).get(...values)?.["count"]);
      if (!isDryRun) this.#database.prepare(`DELETE ${old}`).run(...values);
    }
    return count;
  }

  #known(key: string): Choice | null {
    const row = this.#database.prepare("SELECT at, text FROM post WHERE key = ?").get(key);
    return row === undefined ? null : { kind: "post", key, at: Number(row["at"]), text: String(row["text"]) };
  }

  #new({ key, network, at, gapMs, templates, fill }: Wanted): Choice {
    const allowedAt = this.allowedAt(network, at, gapMs);
    if (allowedAt !== null) return { kind: "too_soon", allowedAt };
    const { template, round } = this.#unused(key, network, templates);
    const text = fill(template);
    this.#database.prepare(
      "INSERT INTO post (key, network, at, round, template, text, status) VALUES (?, ?, ?, ?, ?, ?, 'chosen')",
    ).run(key, network, at, round, template, text);
    return { kind: "post", key, at, text };
  }

  #unused(key: string, network: string, templates: readonly string[]): { template: string; round: number } {
    const rows = this.#database.prepare(
      "SELECT template, round FROM post WHERE network = ? ORDER BY rowid DESC LIMIT ?",
    ).all(network, lookedBack(templates.length));
    const round = Number(rows[0]?.["round"] ?? 1);
    const used = new Set(rows.filter((row) => row["round"] === round).map((row) => row["template"]));
    const left = templates.filter((template) => !used.has(template));
    const pick = (from: readonly string[]) =>
      from[createHash("sha256").update(key).digest().readUInt32BE(0) % from.length] as string;
    if (left.length > 0) return { template: pick(left), round };
    const others = templates.filter((template) => template !== rows[0]?.["template"]);
    return { template: pick(others.length > 0 ? others : templates), round: round + 1 };
  }
}

/** How many of the last posts say which texts were used in this round. */
function lookedBack(templates: number): number {
  return 2 * templates + 1;
}
