/**
 * The table `speech`: what is to be spoken, in which order, and what became of it. It is the queue itself, so that a
 * crash loses nothing of it and memory holds none of it. What was paid for is never left out of it.
 */
import { createHash } from "node:crypto";
import { type DatabaseSync, type Migration, UserError } from "livecue/service";
import type { NewSpeech, Speech, SpeechStatus, SpokenWord, Voice } from "./speech.ts";

export const migrations: Migration[] = [[
  `CREATE TABLE speech (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    live_event_id INTEGER,
    item TEXT UNIQUE,
    text TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    voice TEXT NOT NULL,
    engine TEXT NOT NULL,
    language TEXT NOT NULL,
    rate REAL NOT NULL,
    pitch REAL NOT NULL,
    volume REAL NOT NULL,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    is_discardable INTEGER NOT NULL,
    viewer_id TEXT NOT NULL,
    viewer_name TEXT NOT NULL,
    duration_ms INTEGER,
    file TEXT,
    status TEXT NOT NULL CHECK (
      status IN ('waiting', 'speaking', 'spoken', 'skipped', 'not heard', 'failed', 'discarded')
    ),
    created_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT`,
  "CREATE INDEX speech_waiting ON speech (priority DESC, id) WHERE status = 'waiting'",
  "CREATE INDEX speech_repeated ON speech (viewer_id, text_hash, created_at)",
  "CREATE INDEX speech_ended ON speech (ended_at) WHERE ended_at IS NOT NULL",
  `CREATE TABLE speech_word (
    speech_id INTEGER NOT NULL REFERENCES speech ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    text_from INTEGER NOT NULL,
    text_to INTEGER NOT NULL,
    PRIMARY KEY (speech_id, seq)
  ) STRICT, WITHOUT ROWID`,
  // Where the service listens, for its commands; the token is the one that was made, "" where the streamer has one.
  "CREATE TABLE door (url TEXT NOT NULL, token TEXT NOT NULL) STRICT",
]];

export interface SpeechesOptions {
  /** Discardable texts wait only while fewer than so many wait in all. */
  maxWaiting: number;
  /** So many texts that were paid for may wait. */
  maxPaid: number;
  /** What may be left out waits no longer than this. */
  staleMs: number;
}

/** What became of a new text. One that may not wait stands in the table as "discarded". */
export interface Admission {
  readonly id: number;
  readonly isWaiting: boolean;
  /** The waiting text that made room for it. */
  readonly evicted: number | null;
}

/** How the sound of a speech turned out. */
export interface MadeSpeech {
  readonly durationMs: number;
  /** The names of its files, one a segment; none of them has a blank. */
  readonly files: readonly string[];
  /** The voice that spoke: another one than was asked for where its engine failed. */
  readonly voice: Voice;
  readonly words: readonly SpokenWord[];
}

/** A speech with how it stands, for whoever asks. */
export interface SpeechRecord extends Speech {
  readonly durationMs: number | null;
  readonly files: readonly string[];
  readonly words: readonly SpokenWord[];
}

/** More rows are deleted in several steps, between which the service does its work. */
const forgottenAtOnce = 500;

/** What was paid for is not left out: its item fails, and can be put back. */
export class TooManyWaiting extends UserError {
  constructor(count: number) {
    super(
      `${count} texts that were paid for wait to be spoken: put this one back when they have been (key R)`,
    );
  }
}

export class Speeches {
  readonly #database: DatabaseSync;
  readonly #options: SpeechesOptions;
  readonly #insert;
  readonly #next;
  readonly #victim;
  readonly #counts;
  readonly #repeated;
  readonly #leaveOutStale;
  #leftOutCount = 0;

  constructor(database: DatabaseSync, options: SpeechesOptions) {
    this.#database = database;
    this.#options = options;
    this.#insert = database.prepare(
      `INSERT INTO speech (live_event_id, item, text, text_hash, voice, engine, language, rate, pitch, volume,
         priority, is_discardable, viewer_id, viewer_name, status, created_at, ended_at)
       VALUES (:liveEventId, :item, :text, :hash, :voice, :engine, :language, :rate, :pitch, :volume,
         :priority, :isDiscardable, :viewerId, :viewerName, :status, :now, :endedAt)
       RETURNING id`,
    );
    this.#next = database.prepare(
      "SELECT * FROM speech WHERE status = 'waiting' ORDER BY priority DESC, id LIMIT 1",
    );
    this.#victim = database.prepare(
      `SELECT id, priority FROM speech WHERE status = 'waiting' AND is_discardable = 1
       ORDER BY priority, id LIMIT 1`,
    );
    this.#counts = database.prepare(
      `SELECT count(*) AS waiting, count(*) FILTER (WHERE is_discardable = 0) AS paid
       FROM speech WHERE status = 'waiting'`,
    );
    this.#leaveOutStale = database.prepare(
      `UPDATE speech SET status = 'discarded', ended_at = ?
       WHERE status = 'waiting' AND is_discardable = 1 AND created_at < ?`,
    );
    this.#repeated = database.prepare(
      "SELECT 1 FROM speech WHERE viewer_id = ? AND text_hash = ? AND created_at > ? LIMIT 1",
    );
    // It was cut off with the program that spoke.
    database.prepare("UPDATE speech SET status = 'waiting' WHERE status = 'speaking'").run();
  }

  /**
   * Puts the text behind all of its priority. `item` names what it comes from: what came before changes nothing. Throws
   * `TooManyWaiting` where no text that was paid for may wait any more.
   */
  add(speech: NewSpeech, { item }: { item: string | null }): Admission {
    const known = item === null
      ? undefined
      : this.#database.prepare("SELECT id, status FROM speech WHERE item = ?").get(item);
    if (known !== undefined) {
      return { id: Number(known["id"]), isWaiting: known["status"] === "waiting", evicted: null };
    }
    return this.#inTransaction(() => {
      const { isWaiting, evicted } = this.#admit(speech);
      if (evicted !== null) this.end(evicted, "discarded");
      if (evicted !== null || !isWaiting) this.#leftOutCount++;
      return { id: this.#store(speech, { item, isWaiting }), isWaiting, evicted };
    });
  }

  /** The one whose turn it is; null where none waits. What has waited for too long is left out. */
  next(): Speech | null {
    const now = Date.now();
    this.#leftOutCount += Number(this.#leaveOutStale.run(now, now - this.#options.staleMs).changes);
    const row = this.#next.get();
    return row === undefined ? null : speechOf(row);
  }

  /** Those that are next, in their order. */
  waiting(limit: number): Speech[] {
    const rows = this.#database.prepare(
      "SELECT * FROM speech WHERE status = 'waiting' ORDER BY priority DESC, id LIMIT ?",
    ).all(limit);
    return rows.map(speechOf);
  }

  /** How many wait, most first; a viewer's name is the one of the latest text. */
  waitingByViewer(limit: number): { name: string; count: number }[] {
    const rows = this.#database.prepare(
      `SELECT viewer_name AS name, count(*) AS count, max(id) FROM speech WHERE status = 'waiting'
       GROUP BY viewer_id ORDER BY count(*) DESC, min(id) LIMIT ?`,
    ).all(limit);
    return rows.map(({ name, count }) => ({ name: String(name), count: Number(count) }));
  }

  /** In this run. */
  get leftOutCount(): number {
    return this.#leftOutCount;
  }

  get waitingCount(): number {
    return Number(this.#counts.get()?.["waiting"]);
  }

  find(id: number): SpeechRecord | null {
    const row = this.#database.prepare("SELECT * FROM speech WHERE id = ?").get(id);
    if (row === undefined) return null;
    const words = this.#database.prepare("SELECT * FROM speech_word WHERE speech_id = ? ORDER BY seq").all(
      id,
    );
    return {
      ...speechOf(row),
      durationMs: row["duration_ms"] as number | null,
      files: row["file"] === null ? [] : String(row["file"]).split(" "),
      words: words.map(wordOf),
    };
  }

  /** Whether the viewer's same text came within the last `withinMs`. */
  isRepeated({ viewer, text }: Pick<NewSpeech, "viewer" | "text">, withinMs: number): boolean {
    return this.#repeated.get(viewer.id, hashOf(text), Date.now() - withinMs) !== undefined;
  }

  begin(id: number): void {
    this.#database.prepare("UPDATE speech SET status = 'speaking' WHERE id = ?").run(id);
  }

  /** Whether it was still to be spoken, or being spoken. */
  end(id: number, status: Exclude<SpeechStatus, "waiting" | "speaking">): boolean {
    const { changes } = this.#database.prepare(
      "UPDATE speech SET status = ?, ended_at = ? WHERE id = ? AND status IN ('waiting', 'speaking')",
    ).run(status, Date.now(), id);
    return changes > 0;
  }

  /** What it became the first time is kept. */
  keep(id: number, { durationMs, files, voice, words }: MadeSpeech): void {
    this.#inTransaction(() => {
      const { changes } = this.#database.prepare(
        `UPDATE speech SET duration_ms = ?, file = ?, engine = ?, voice = ?, language = ?
         WHERE id = ? AND duration_ms IS NULL`,
      ).run(Math.round(durationMs), files.join(" "), voice.engine, voice.name, voice.language, id);
      if (changes === 0) return;
      const insert = this.#database.prepare("INSERT OR REPLACE INTO speech_word VALUES (?, ?, ?, ?, ?, ?)");
      for (const [seq, { startMs, endMs, from, to }] of words.entries()) {
        insert.run(id, seq, Math.round(startMs), Math.round(endMs), from, to);
      }
    });
  }

  /** Deletes some of what ended longer ago, and of more than `maxRows` the oldest. Whether there is more to delete. */
  forget({ keptMs, maxRows }: { keptMs: number; maxRows: number }): boolean {
    const { changes } = this.#database.prepare(
      `DELETE FROM speech WHERE id IN (
         SELECT id FROM speech WHERE ended_at IS NOT NULL AND (
           ended_at < :before OR
           ended_at < (SELECT ended_at FROM speech WHERE ended_at IS NOT NULL
             ORDER BY ended_at DESC LIMIT 1 OFFSET :maxRows)
         ) ORDER BY ended_at LIMIT :atOnce)`,
    ).run({ before: Date.now() - keptMs, maxRows: maxRows - 1, atOnce: forgottenAtOnce });
    return changes === forgottenAtOnce;
  }

  #admit({ priority, isDiscardable }: NewSpeech): { isWaiting: boolean; evicted: number | null } {
    const { waiting, paid } = this.#counts.get() as { waiting: number; paid: number };
    if (!isDiscardable && paid >= this.#options.maxPaid) {
      throw new TooManyWaiting(paid);
    }
    if (waiting < this.#options.maxWaiting) return { isWaiting: true, evicted: null };
    const victim = this.#victim.get() as { id: number; priority: number } | undefined;
    if (victim !== undefined && (!isDiscardable || victim.priority < priority)) {
      return { isWaiting: true, evicted: victim.id };
    }
    return { isWaiting: !isDiscardable, evicted: null };
  }

  #store(speech: NewSpeech, { item, isWaiting }: { item: string | null; isWaiting: boolean }): number {
    const { text, voice, delivery, priority, isDiscardable, viewer, liveEventId } = speech;
    const now = Date.now();
    const row = this.#insert.get({
      liveEventId,
      item,
      text,
      hash: hashOf(text),
      voice: voice.name,
      engine: voice.engine,
      language: voice.language,
      ...delivery,
      priority,
      isDiscardable: isDiscardable ? 1 : 0,
      viewerId: viewer.id,
      viewerName: viewer.name,
      status: isWaiting ? "waiting" : "discarded",
      now,
      endedAt: isWaiting ? null : now,
    });
    return Number(row?.["id"]);
  }

  #inTransaction<Value>(act: () => Value): Value {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const value = act();
      this.#database.exec("COMMIT");
      return value;
    } catch (error) {
      // SQLite has done so itself where the disk is full.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

type Row = Record<string, unknown>;

function speechOf(row: Row): Speech {
  const number = (name: string) => Number(row[name]);
  const text = (name: string) => String(row[name]);
  return {
    id: number("id"),
    text: text("text"),
    voice: { engine: text("engine"), name: text("voice"), language: text("language") },
    delivery: { rate: number("rate"), pitch: number("pitch"), volume: number("volume") },
    priority: number("priority"),
    isDiscardable: row["is_discardable"] === 1,
    viewer: { id: text("viewer_id"), name: text("viewer_name") },
    liveEventId: row["live_event_id"] as number | null,
    status: text("status") as SpeechStatus,
  };
}

function wordOf(row: Row): SpokenWord {
  return {
    startMs: Number(row["start_ms"]),
    endMs: Number(row["end_ms"]),
    from: Number(row["text_from"]),
    to: Number(row["text_to"]),
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Where the service last listened; null before its first start. */
export function doorOf(database: DatabaseSync): { url: string; token: string } | null {
  const row = database.prepare("SELECT url, token FROM door").get();
  return row === undefined ? null : { url: String(row["url"]), token: String(row["token"]) };
}

export function keepDoor(database: DatabaseSync, { url, token }: { url: string; token: string }): void {
  database.prepare("DELETE FROM door").run();
  database.prepare("INSERT INTO door VALUES (?, ?)").run(url, token);
}
