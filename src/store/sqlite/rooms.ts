/**
 * The rooms of a database file, all over one writing connection. The file has one owner, so there is no other machine:
 * nobody else has a room, and none is taken over.
 */
import { Deadline } from "../../deadline.ts";
import type { WriteFailure } from "../database.ts";
import { ReaderThread } from "../reader_thread.ts";
import { knownRooms, manyRooms, type RoomOptions, type Rooms, type RoomsOptions } from "../rooms.ts";
import type { BoundOperation } from "../statements.ts";
import { Store, type StoreOptions } from "../store.ts";
import { openSqlite, type SqliteDatabase } from "./database.ts";
import { SqliteRoom } from "./room.ts";
import { SharedMarks } from "./shared_marks.ts";
import { AskedStreamers, OwnStreamers } from "./streamers.ts";

/** How long a close waits for the thread that checkpoints. */
const closingMs = 2_000;

/**
 * Events of many rooms are among one another, so that one room's are found by an index. One streamer's database does
 * without: the index costs each event a third more.
 */
const sessionIndex = "CREATE INDEX IF NOT EXISTS live_event_session ON live_event (session_id, id)";

export class SqliteRooms implements Rooms {
  readonly streamers: OwnStreamers;
  readonly hosts = null;
  readonly openMachineLine = null;
  readonly #options: RoomsOptions;
  readonly #database: SqliteDatabase;
  readonly #questions: ReaderThread;
  readonly #marks: SharedMarks;
  /** Of closed rooms, what could not be written. */
  #unwritten: readonly BoundOperation[] = [];
  #failure: Error | null = null;
  #isClosed = false;

  /** Becomes the owner of the file. Throws a `UserError` if the database cannot be used. */
  static open(options: RoomsOptions): SqliteRooms {
    const database = openSqlite(options);
    try {
      return new SqliteRooms(options, database);
    } catch (error) {
      database.close({ unwritten: [], failure: null });
      throw database.explained(error);
    }
  }

  private constructor(options: RoomsOptions, database: SqliteDatabase) {
    const { machine, keepsRooms = false, log } = options;
    this.#options = options;
    this.#database = database;
    if (keepsRooms) database.execute([{ sql: sessionIndex, values: [] }]);
    this.streamers = new OwnStreamers({
      file: database.name,
      query: database.query,
      machine,
      execute: (statements) => database.execute(statements),
      isTrouble: (error) => database.troubleOf(error) !== null,
    });
    this.#marks = new SharedMarks(database.marks);
    this.#questions = new ReaderThread({ address: database.address });
    if (!keepsRooms) return;
    this.streamers.noteNone();
    this.#questions.ask("damage").then((sentence) => sentence !== null && log.warn(sentence), () => {});
  }

  get name(): string {
    return this.#database.name;
  }

  known(): string[] {
    return this.#database.query.all<{ name: string }>(knownRooms).map(({ name }) => name);
  }

  /** Throws SQLite's errors if what an earlier run of a room has left cannot be written. */
  // deno-lint-ignore require-await -- what is thrown rejects
  async take(streamer: string, options: RoomOptions): Promise<Store> {
    const { keepsRooms = false, clock } = this.#options;
    const failure = this.#writeLeft();
    if (failure !== null) throw this.explained(failure.error);
    if (keepsRooms) this.#note(streamer, clock.now());
    const marks = this.#marks.of(streamer);
    const room = new SqliteRoom(this.#database, {
      marks,
      pruner: this.#database.prunerOf(streamer),
      onClose: ({ unwritten, failure }) => {
        this.#marks.forget(streamer);
        this.#unwritten = [...this.#unwritten, ...unwritten];
        this.#failure ??= unwritten.length > 0 ? failure : null;
        if (keepsRooms) this.#note(streamer, null);
      },
    });
    return new Store(room, { ...options, streamer, questions: this.#questions });
  }

  isAway(): boolean {
    return false;
  }

  explained(error: unknown): unknown {
    return this.#database.explained(error);
  }

  async close(): Promise<void> {
    await this.#questions.stop();
    await this.#database.prepareClose(new Deadline(this.#options.clock, closingMs));
    this.closeNow();
  }

  closeNow(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#questions.stop();
    this.#writeLeft();
    this.#database.close({ unwritten: this.#unwritten, failure: this.#failure });
  }

  #note(streamer: string, at: number | null): void {
    try {
      this.streamers.note(streamer, at);
    } catch (error) {
      // Only commands show it, and the room is told of what it cannot write itself.
      if (this.#database.troubleOf(error) === null) throw error;
    }
  }

  #writeLeft(): WriteFailure | null {
    if (this.#unwritten.length === 0) return null;
    const failure = this.#database.write(this.#unwritten);
    if (failure !== null) return failure;
    this.#unwritten = [];
    this.#failure = null;
    return null;
  }
}

/** Of a database for one streamer. A run refuses a file of many rooms; commands read all of them. */
export function openOnlySqliteRoom(options: StoreOptions): Store {
  const database = openSqlite(options);
  const isRun = options.onHeld !== undefined;
  if (isRun && database.query.first("SELECT 1 FROM streamer LIMIT 1") !== null) {
    database.close({ unwritten: [], failure: null });
    throw manyRooms(database.name);
  }
  return new Store(database, options);
}

/** For a command, while a process that captures the streamers may own the file. */
export function askStreamers(options: RoomsOptions): AskedStreamers {
  return new AskedStreamers({
    ...options,
    takeWishes: async () => {
      const rooms = SqliteRooms.open(options);
      try {
        rooms.streamers.list();
      } finally {
        await rooms.close();
      }
    },
  });
}
