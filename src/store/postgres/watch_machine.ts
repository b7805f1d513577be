/** A machine's end of the tables through which its rooms are watched. */
import type { Clock } from "../../clock.ts";
import type { MachineLine, MachineLineEvents, RoomStatus, WatchAnswer, WatchCall } from "../../watch_line.ts";
import { answerChannel, callChannel } from "./watch_channels.ts";
import { Listening } from "./listening.ts";

export interface PostgresMachineLineOptions extends MachineLineEvents {
  address: string;
  clock: Clock;
  /** The name of this machine, for people. */
  machine: string;
  /** The run that has the rooms now. */
  runId(): number;
}

/** Calls that are read at once. */
const callsAtOnce = 100;
/** However many notifications arrive, calls are read no more often. */
const betweenReadsMs = 50;
/** What is older belongs to somebody who is gone. */
const oldAfter = "interval '1 minute'";
const cleanEveryMs = 60_000;

/** The rights of a role follow from its grants, each time. A role that is gone has none. */
const takeCalls = `WITH taken AS (
    DELETE FROM watch_call WHERE id IN
      (SELECT id FROM watch_call WHERE run = $1::bigint ORDER BY id LIMIT ${callsAtOnce})
    RETURNING id, watcher, body, action, asked_by, asked_at
  )
  SELECT watcher, coalesce(action, body) AS body, (action IS NOT NULL)::integer AS "isAction",
    asked_by AS "askedBy",
    CASE WHEN has_table_privilege(pg_roles.oid, 'event_queue', 'UPDATE') THEN 'all'
      WHEN has_column_privilege(pg_roles.oid, 'watch_call', 'action', 'INSERT') THEN 'moderate'
      ELSE 'look' END AS rights
  FROM taken JOIN pg_roles ON rolname = asked_by WHERE asked_at > now() - ${oldAfter} ORDER BY taken.id`;

/** Nothing of a room that another run has taken meanwhile. */
const saveStatus = `INSERT INTO room_status AS old
    (streamer, run, title, phase, viewers, rate, pending, failed, trouble)
  SELECT new.streamer, $1::bigint, title, phase, viewers, rate, pending, failed, trouble
  FROM json_to_recordset($2::json) AS new (streamer text, title text, phase text, viewers bigint,
    rate double precision, pending bigint, failed bigint, trouble text)
  JOIN streamer ON streamer.name = new.streamer AND owner_run = $1::bigint
  ON CONFLICT (streamer) DO UPDATE SET run = excluded.run, title = excluded.title, phase = excluded.phase,
    viewers = excluded.viewers, rate = excluded.rate, pending = excluded.pending, failed = excluded.failed,
    trouble = excluded.trouble RETURNING streamer`;
const dropStatus = `DELETE FROM room_status WHERE run = $1::bigint
  AND streamer IN (SELECT json_array_elements_text($2::json))`;

/** A watcher that reads slowly gets the newest snapshot, and nothing piles up. */
const sendAnswers = `WITH new AS (
    SELECT * FROM json_to_recordset($1::json)
      AS new ("askedBy" text, watcher text, "isSnapshot" boolean, body text)
  ), replaced AS (
    DELETE FROM watch_answer AS old USING new WHERE old.watcher = new.watcher AND old.asked_by = "askedBy"
      AND old.is_snapshot = 1 AND "isSnapshot"
  ), sent AS (
    INSERT INTO watch_answer (asked_by, watcher, is_snapshot, body)
      SELECT "askedBy", watcher, "isSnapshot"::integer, body FROM new RETURNING watcher
  )
  SELECT pg_notify(${answerChannel("watcher")}, '') FROM (SELECT DISTINCT watcher FROM sent) AS each`;

export class PostgresMachineLine implements MachineLine {
  readonly #options: PostgresMachineLineOptions;
  #listening: Listening | null = null;
  #channel: string | null = null;
  #isReading = false;
  #isAsked = false;
  #cancelRead: (() => void) | null = null;
  #cleanedAt = -Infinity;
  #isClosed = false;

  /** Throws a `UserError` if there is no connection. */
  static async open(options: PostgresMachineLineOptions): Promise<PostgresMachineLine> {
    const line = new PostgresMachineLine(options);
    const { address, clock, machine } = options;
    line.#listening = await Listening.open({
      address,
      clock,
      applicationName: `livecue ${machine} watched`,
      onNotified: () => line.#read(),
      onBack: () => line.#comeBack(),
    });
    line.#comeBack();
    return line;
  }

  private constructor(options: PostgresMachineLineOptions) {
    this.#options = options;
  }

  async writeStatus(changed: readonly RoomStatus[], gone: readonly string[]): Promise<readonly string[]> {
    await this.#listenToRun();
    const run = this.#options.runId();
    if (gone.length > 0) await this.#rows(dropStatus, [run, JSON.stringify(gone)]);
    if (changed.length === 0) return [];
    const rows = await this.#rows<{ streamer: string }>(saveStatus, [run, jsonOf(changed)]);
    return rows.map(({ streamer }) => streamer);
  }

  async answer(answers: readonly WatchAnswer[]): Promise<void> {
    if (answers.length > 0) await this.#rows(sendAnswers, [jsonOf(answers)]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRead?.();
    await this.#listening?.close();
  }

  async #rows<Row extends object>(text: string, values: (string | number)[]): Promise<Row[]> {
    return await (this.#listening as Listening).rows<Row>(text, values);
  }

  #comeBack(): void {
    if (this.#listening === null) return;
    this.#options.onBack();
    this.#read();
  }

  /** The run changes when the database has lost the last one. */
  async #listenToRun(): Promise<void> {
    const channel = callChannel(this.#options.runId());
    if (channel === this.#channel) return;
    const listening = this.#listening as Listening;
    await listening.listen(channel);
    if (this.#channel !== null) await listening.ignore(this.#channel);
    this.#channel = channel;
    this.#read();
  }

  /** At most one read at a time, and a pause before the next. */
  #read(): void {
    this.#isAsked = true;
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    this.#isAsked = false;
    this.#takeCalls().catch(() => {}).finally(() => {
      if (this.#isClosed) return;
      this.#cancelRead = this.#options.clock.after(betweenReadsMs, () => {
        this.#isReading = false;
        if (this.#isAsked) this.#read();
      });
    });
  }

  async #takeCalls(): Promise<void> {
    type Row = Omit<WatchCall, "isAction"> & { isAction: number };
    const rows = await this.#rows<Row>(takeCalls, [this.#options.runId()]);
    if (rows.length === callsAtOnce) this.#isAsked = true;
    if (rows.length === 0 || this.#isClosed) return;
    this.#options.onCalls(rows.map((row) => ({ ...row, isAction: row.isAction === 1 })));
    await this.#clean();
  }

  /** Only of a watched machine, so that the others have nothing to do. */
  async #clean(): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (now - this.#cleanedAt < cleanEveryMs) return;
    this.#cleanedAt = now;
    await this.#rows(`DELETE FROM watch_call WHERE asked_at < now() - ${oldAfter}`, []);
    await this.#rows(`DELETE FROM watch_answer WHERE made_at < now() - ${oldAfter}`, []);
  }
}

/** PostgreSQL has no NUL characters in text, and JSON writes them as escapes. */
function jsonOf(rows: readonly object[]): string {
  return JSON.stringify(rows).replaceAll("\\u0000", "\\ufffd");
}
