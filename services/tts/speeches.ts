/**
 * The table `speech`: the texts to speak, their order, and their ends. The table is the queue itself, so a crash loses
 * nothing and the queue takes no memory. A text that somebody paid for is never left out.
 */
import { t } from "livecue/language";
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
  // The service's address, for its commands. The token is the generated one, or "" if the options have a token.
  "CREATE TABLE door (url TEXT NOT NULL, token TEXT NOT NULL) STRICT",
]];

export interface SpeechesOptions {
  /** A discardable text waits only if fewer texts than this wait in all. */
  maxWaiting: number;
  /** The most paid texts that may wait. */
  maxPaid: number;
  /** The longest time that a discardable text waits. */
  staleMs: number;
}

/** The result of adding a text. The table has a text that may not wait as "discarded". */
export interface Admission {
  readonly id: number;
  readonly isWaiting: boolean;
  /** The id of the waiting text that was left out to make room. */
  readonly evicted: number | null;
}

/** The synthesized sound of a speech. */
export interface MadeSpeech {
  readonly durationMs: number;
  /** The name of each segment's file, without spaces. */
  readonly files: readonly string[];
  /** The voice that spoke. It differs from the requested voice if that voice's engine failed. */
  readonly voice: Voice;
  readonly words: readonly SpokenWord[];
}

/** A speech with its sound and words, for programs that ask. */
export interface SpeechRecord extends Speech {
  readonly durationMs: number | null;
  readonly files: readonly string[];
  readonly words: readonly SpokenWord[];
}

/** The most rows deleted in one step. The service does other work between two steps. */
const forgottenAtOnce = 500;

/** A paid text is never left out. Its item fails instead, and the user can put it back. */
export class TooManyWaiting extends UserError {
  constructor(count: number) {
    super(
      t`${count} paid texts are waiting: put this one back when fewer are waiting (key R)`,
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
    // The last run ended during this text.
    database.prepare("UPDATE speech SET status = 'waiting' WHERE status = 'speaking'").run();
  }

  /**
   * Adds the text after all texts of its priority. `item` names the source of the text; an item that is already there
   * changes nothing. Throws `TooManyWaiting` when the most paid texts are waiting.
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

  /** The next text; null when none waits. Leaves out texts that have waited too long. */
  next(): Speech | null {
    const now = Date.now();
    this.#leftOutCount += Number(this.#leaveOutStale.run(now, now - this.#options.staleMs).changes);
    const row = this.#next.get();
    return row === undefined ? null : speechOf(row);
  }

  /** The next texts in order. */
  waiting(limit: number): Speech[] {
    const rows = this.#database.prepare(
      "SELECT * FROM speech WHERE status = 'waiting' ORDER BY priority DESC, id LIMIT ?",
    ).all(limit);
    return rows.map(speechOf);
  }

  /** Waiting texts per viewer, the largest count first. A viewer's name comes from the latest text. */
  waitingByViewer(limit: number): { name: string; count: number }[] {
    const rows = this.#database.prepare(
      `SELECT viewer_name AS name, count(*) AS count, max(id) FROM speech WHERE status = 'waiting'
       GROUP BY viewer_id ORDER BY count(*) DESC, min(id) LIMIT ?`,
    ).all(limit);
    return rows.map(({ name, count }) => ({ name: String(name), count: Number(count) }));
  }

  /** The number of texts left out in this run. */
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

  /** Whether the viewer sent the same text within the last `withinMs`. */
  isRepeated({ viewer, text }: Pick<NewSpeech, "viewer" | "text">, withinMs: number): boolean {
    return this.#repeated.get(viewer.id, hashOf(text), Date.now() - withinMs) !== undefined;
  }

  begin(id: number): void {
    this.#database.prepare("UPDATE speech SET status = 'speaking' WHERE id = ?").run(id);
  }

  /** Returns false when the text had already ended. */
  end(id: number, status: Exclude<SpeechStatus, "waiting" | "speaking">): boolean {
    const { changes } = this.#database.prepare(
      "UPDATE speech SET status = ?, ended_at = ? WHERE id = ? AND status IN ('waiting', 'speaking')",
    ).run(status, Date.now(), id);
    return changes > 0;
  }

  /** Stores the sound of a speech. Only the first call has an effect. */
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

  /** Deletes some of the texts that ended long ago or exceed `maxRows`. Returns whether there are more to delete. */
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
      // When the disk is full, SQLite has already rolled back.
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

/** Deletes texts that ended before a time (Unix milliseconds), or only counts them. Returns how many there are. */
export function deleteEnded(
  database: DatabaseSync,
  before: number,
  { isDryRun }: { isDryRun: boolean },
): number {
  const { count } = database.prepare("SELECT count(*) AS count FROM speech WHERE ended_at < ?")
    .get(before) as { count: number };
  if (!isDryRun) database.prepare("DELETE FROM speech WHERE ended_at < ?").run(before);
  return count;
}

/** The service's latest address and token; null before its first start. */
export function doorOf(database: DatabaseSync): { url: string; token: string } | null {
  const row = database.prepare("SELECT url, token FROM door").get();
  return row === undefined ? null : { url: String(row["url"]), token: String(row["token"]) };
}

export function keepDoor(database: DatabaseSync, { url, token }: { url: string; token: string }): void {
  database.prepare("DELETE FROM door").run();
  database.prepare("INSERT INTO door VALUES (?, ?)").run(url, token);
}
