/** Who takes part in a raffle. Each entry is stored at once, so that a crash loses none and counts none twice. */
import type { DatabaseSync, Migration } from "livecue/service";
import { keyOfViewer } from "./game.ts";

export const raffleMigrations: readonly Migration[] = [[
  `CREATE TABLE entrant (
    number INTEGER PRIMARY KEY,
    raffle TEXT NOT NULL,
    viewer TEXT NOT NULL,
    name TEXT NOT NULL,
    handle TEXT NOT NULL,
    tickets INTEGER NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (raffle, viewer)
  ) STRICT`,
  "CREATE TABLE entry (raffle TEXT, cause TEXT, PRIMARY KEY (raffle, cause)) STRICT, WITHOUT ROWID",
]];

export const maxEntrants = 10_000;

export interface Entrant {
  /** Increases in the order of entry. */
  number: number;
  /** A key that belongs to one viewer. */
  viewer: string;
  name: string;
  handle: string;
  tickets: number;
}

export interface Entry {
  viewer: string;
  name: string;
  handle: string;
  tickets: number;
  /** The same for the same event. */
  cause: string;
  /** Unix milliseconds. */
  at: number;
}

export interface Count {
  entrants: number;
  tickets: number;
}

/** `added`: the tickets that the entry adds; 0 if it was made before, or if the viewer has the most that there are. */
export type Entered = { kind: "entered"; added: number; isNew: boolean } | { kind: "full" };

export class Entrants {
  readonly #open: () => DatabaseSync;
  #opened: DatabaseSync | null = null;
  /** Counting ten thousand at each entry would be slow. */
  #counted: { raffle: string; count: Count } | null = null;

  /** `open` is called when the first raffle is. */
  constructor(open: () => DatabaseSync) {
    this.#open = open;
  }

  /** The first entry forgets the entrants of other raffles. */
  enter(raffle: string, { viewer, name, handle, tickets, cause, at }: Entry, maxTickets: number): Entered {
    const entered = this.#transaction((): Entered => {
      const before = this.#get("SELECT tickets FROM entrant WHERE raffle = ? AND viewer = ?", raffle, viewer);
      const { entrants } = this.count(raffle);
      if (before === undefined && entrants >= maxEntrants) return { kind: "full" };
      if (entrants === 0) this.#forgetOthers(raffle);
      const had = Number(before?.["tickets"] ?? 0);
      const added = Math.min(tickets, maxTickets - had);
      if (added <= 0) return { kind: "entered", added: 0, isNew: false };
      if (this.#run("INSERT OR IGNORE INTO entry VALUES (?, ?)", raffle, cause) === 0) {
        return { kind: "entered", added: 0, isNew: false };
      }
      this.#run(
        `INSERT INTO entrant (raffle, viewer, name, handle, tickets, at) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (raffle, viewer) DO UPDATE SET tickets = excluded.tickets`,
        raffle,
        viewer,
        name,
        handle,
        had + added,
        at,
      );
      return { kind: "entered", added, isNew: before === undefined };
    });
    if (entered.kind === "entered" && entered.added > 0) {
      const { entrants, tickets } = this.count(raffle);
      const count = { entrants: entrants + Number(entered.isNew), tickets: tickets + entered.added };
      this.#counted = { raffle, count };
    }
    return entered;
  }

  count(raffle: string): Count {
    if (this.#counted?.raffle !== raffle) this.#counted = { raffle, count: this.#stored(raffle) };
    return this.#counted.count;
  }

  /** In the order of entry. */
  all(raffle: string): Entrant[] {
    return this.#database.prepare(
      "SELECT number, viewer, name, handle, tickets FROM entrant WHERE raffle = ? ORDER BY number",
    ).all(raffle) as unknown as Entrant[];
  }

  /** Of those who entered earlier. Returns how many there are. */
  deleteBefore(before: number, { isDryRun }: { isDryRun: boolean }): number {
    if (isDryRun) {
      return Number(this.#get("SELECT count(*) AS count FROM entrant WHERE at < ?", before)?.["count"]);
    }
    return this.#transaction(() => {
      const count = this.#run("DELETE FROM entrant WHERE at < ?", before);
      this.#run("DELETE FROM entry WHERE raffle NOT IN (SELECT raffle FROM entrant)");
      return count;
    });
  }

  /** Returns whether the viewer was there. */
  forget(userId: string): boolean {
    // Overwrites what is deleted, so that it cannot be read from the free parts of the file.
    this.#database.exec("PRAGMA secure_delete = ON");
    const isGone = this.#run("DELETE FROM entrant WHERE viewer = ?", keyOfViewer(userId)) > 0;
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return isGone;
  }

  get #database(): DatabaseSync {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  #forgetOthers(raffle: string): void {
    this.#run("DELETE FROM entrant WHERE raffle <> ?", raffle);
    this.#run("DELETE FROM entry WHERE raffle <> ?", raffle);
  }

  #stored(raffle: string): Count {
    const row = this.#get(
      "SELECT count(*) AS entrants, coalesce(sum(tickets), 0) AS tickets FROM entrant WHERE raffle = ?",
      raffle,
    );
    return { entrants: Number(row?.["entrants"]), tickets: Number(row?.["tickets"]) };
  }

  #get(sql: string, ...values: (string | number)[]): Record<string, unknown> | undefined {
    return this.#database.prepare(sql).get(...values);
  }

  /** Returns the number of changed rows. */
  #run(sql: string, ...values: (string | number)[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
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
