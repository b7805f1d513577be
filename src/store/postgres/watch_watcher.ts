/** A watcher's end of the tables through which rooms are watched. It needs no more rights than docs/agencies.md grants. */
import type { Clock } from "../../clock.ts";
import { databaseShown } from "../../database_address.ts";
import { helpPages } from "../../help_page.ts";
import { t } from "../../language.ts";
import type { HostLine } from "../../rooms_control.ts";
import { UserError } from "../../user_error.ts";
import type { FoundRoom, FoundRooms, WatcherLine, WatcherLineEvents } from "../../watch_line.ts";
import { jsonIn } from "../columns.ts";
import type { Client } from "./connection.ts";
import { goneAfterMs } from "./hosts.ts";
import { Listening } from "./listening.ts";
import { checkedTables, latestVersion } from "./schema.ts";
import { checkServer } from "./server_checks.ts";
import { livingRuns } from "./streamers.ts";
import { DatabaseAway, explained, sqlState } from "./trouble.ts";
import { callChannel, channelOfWatcher } from "./watch_channels.ts";

export interface PostgresWatcherLineOptions extends WatcherLineEvents {
  address: string;
  clock: Clock;
}

const findRooms = `SELECT streamer.name AS streamer, living.machine, living.id AS run,
    wanted_machine AS "wantedMachine", (status.run IS NOT NULL)::integer AS "hasStatus",
    title, phase, viewers, coalesce(rate, 0) AS rate, coalesce(pending, 0) AS pending,
    coalesce(failed, 0) AS failed, trouble
  FROM streamer LEFT JOIN (${livingRuns}) AS living ON living.id = owner_run
    LEFT JOIN room_status AS status ON status.streamer = streamer.name AND status.run = living.id
  WHERE living.id IS NOT NULL OR removed_at IS NULL AND streamer.name <> '' ORDER BY streamer.name`;
const findHosts =
  `SELECT name, services, seen_at AS "seenAt" FROM host WHERE seen_at > $1::bigint ORDER BY name`;

const sendCall = `WITH sent AS (
    INSERT INTO watch_call (run, watcher, COLUMN) VALUES ($1::bigint, $2, $3)
  )
  SELECT pg_notify($4, '')`;
const sendBody = sendCall.replace("COLUMN", "body");
const sendAction = sendCall.replace("COLUMN", "action");

const takeAnswers = `WITH taken AS (
    DELETE FROM watch_answer WHERE watcher IN (SELECT json_array_elements_text($1::json))
      RETURNING id, watcher, body
  )
  SELECT watcher, body FROM taken ORDER BY id`;

const noRight = "42501";

type Row = Omit<FoundRoom, "status"> & FoundRoom["status"] & { hasStatus: number };
type HostRow = { name: string; services: string; seenAt: number };

export class PostgresWatcherLine implements WatcherLine {
  readonly #options: PostgresWatcherLineOptions;
  readonly #watchers = new Set<string>();
  #listening: Listening | null = null;
  #reading: Promise<void> | null = null;
  #isAsked = false;

  /** Throws a `UserError` if the database cannot be reached, or cannot be watched. */
  static async open(options: PostgresWatcherLineOptions): Promise<PostgresWatcherLine> {
    const line = new PostgresWatcherLine(options);
    const { address, clock } = options;
    line.#listening = await Listening.open({
      address,
      clock,
      applicationName: "livecue watch",
      check: (client) => check(client, address),
      onNotified: () => line.#read(),
      onBack: () => line.#read(),
    });
    return line;
  }

  private constructor(options: PostgresWatcherLineOptions) {
    this.#options = options;
  }

  get away(): string | null {
    return this.#line.away;
  }

  async list(): Promise<FoundRooms> {
    const now = this.#options.clock.now();
    const [rooms, hosts] = await this.#explaining(() =>
      Promise.all([
        this.#line.rows<Row>(findRooms),
        this.#line.rows<HostRow>(findHosts, [now - goneAfterMs]),
      ])
    );
    return { rooms: rooms.map(roomOf), hosts: hosts.map((row) => hostOf(row, now)) };
  }

  async call({ run, watcher, body, isAction }: Parameters<WatcherLine["call"]>[0]): Promise<void> {
    await this.#explaining(async () => {
      if (!this.#watchers.has(watcher)) {
        this.#watchers.add(watcher);
        await this.#line.listen(channelOfWatcher(watcher));
      }
      await this.#line.rows(isAction ? sendAction : sendBody, [run, watcher, body, callChannel(run)]);
    });
  }

  async forget(watcher: string): Promise<void> {
    if (this.#watchers.delete(watcher)) await this.#line.ignore(channelOfWatcher(watcher)).catch(() => {});
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  get #line(): Listening {
    return this.#listening as Listening;
  }

  #read(): void {
    this.#isAsked = true;
    if (this.#listening === null) return;
    this.#reading ??= this.#readAll().catch(() => {}).finally(() => this.#reading = null);
  }

  async #readAll(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      if (this.#watchers.size === 0) return;
      const watchers = JSON.stringify([...this.#watchers]);
      const rows = await this.#line.rows<{ watcher: string; body: string }>(takeAnswers, [watchers]);
      for (const row of rows) this.#options.onAnswer(row);
    }
  }

  async #explaining<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DatabaseAway) throw new UserError(this.away ?? error.message, { cause: error });
      if (sqlState(error) === noRight) throw noRights(error);
      throw explained(databaseShown(this.#options.address), error);
    }
  }
}

function noRights(cause: unknown): UserError {
  return new UserError(t`The database does not let this user do that. Its owner can give the rights.`, {
    cause,
    page: helpPages.watch,
  });
}

async function check(client: Client, address: string): Promise<void> {
  await checkServer(client, address);
  const name = databaseShown(address);
  try {
    if (await checkedTables(client, name) >= latestVersion) return;
  } catch (error) {
    if (sqlState(error) !== noRight) throw error;
    throw noRights(error);
  }
  throw new UserError(
    t`${name} has no tables yet, or those of an older Livecue. Run "init" or "start" first.`,
  );
}

function roomOf({ streamer, machine, run, wantedMachine, hasStatus, ...status }: Row): FoundRoom {
  return { streamer, machine, run, wantedMachine, status: hasStatus === 1 ? status : null };
}

function hostOf({ name, services, seenAt }: HostRow, now: number): HostLine {
  const list = jsonIn(services);
  return { name, services: Array.isArray(list) ? list.map(String) : [], seenMs: Math.max(0, now - seenAt) };
}
