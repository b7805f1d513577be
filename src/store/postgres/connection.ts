/** Connections to PostgreSQL: the part of the driver that Livecue uses, and how each connection is opened. */
import pg from "pg";
import type { Clock } from "../../clock.ts";
import type { SqlValue } from "../query.ts";
import { driverAddress } from "./address.ts";
import { DatabaseAway } from "./trouble.ts";

/** A row's values, in the order of the columns; or an object by column names. */
export interface Result<Row> {
  rows: Row[];
  fields: { name: string }[];
  rowCount: number | null;
}

export interface Statement {
  text: string;
  values?: readonly SqlValue[];
  /** Prepares the statement by this name, once for each connection. */
  name?: string;
  rowMode?: "array";
}

/** The messages that the driver can write. */
export interface Wire {
  stream: { cork(): void; uncork(): void; destroy(): void };
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly (string | null)[] }): void;
  execute(message: { rows?: number }): void;
  sync(): void;
}

/** The part of the driver's client that Livecue uses. */
export interface Client {
  readonly processID: number;
  readonly connection: Wire;
  connect(): Promise<unknown>;
  query<Row>(statement: Statement): Promise<Result<Row>>;
  query(submittable: object): unknown;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "end" | "notification", listener: () => void): void;
}

export interface ConnectionOptions {
  address: string;
  clock: Clock;
  applicationName: string;
  /** Set for the session, if this version of PostgreSQL has them. */
  settings: Readonly<Record<string, string>>;
  isPipelined?: boolean;
  /** How long opening may take. Default: 5 s. */
  limitMs?: number;
}

const defaultLimitMs = 5000;
const firstProbeMs = 2000;

/** In every session: no limit of the server's ends it or a statement, and text has one encoding. */
const everySession = {
  client_encoding: "UTF8",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  // Compiling costs more than any of Livecue's statements.
  jit: "off",
  statement_timeout: "0",
};

/** PostgreSQL's numbers of the types that become numbers. Sums of large integers are numeric. */
const numberTypes = new Set([20, 21, 23, 26, 700, 701, 1700]);
const booleanType = 16;

/** Numbers beyond 2^53 are rounded. A boolean is 0 or 1, as in SQLite. */
function parserOf(type: number): (text: string) => unknown {
  if (numberTypes.has(type)) return Number;
  return type === booleanType ? (text) => text === "t" ? 1 : 0 : (text) => text;
}

/** Throws the driver's or the server's error: see `connectionTrouble`. */
export async function openConnection(options: ConnectionOptions): Promise<Client> {
  const { address, clock, applicationName, settings, isPipelined = false } = options;
  const client = new pg.Client({
    connectionString: driverAddress(address),
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: firstProbeMs,
    pipeline: isPipelined,
    types: { getTypeParser: parserOf },
  }) as unknown as Client;
  // A lost connection also ends whatever waits for an answer, which says so.
  client.on("error", () => {});
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(options.limitMs ?? defaultLimitMs, () => {
    reject(new DatabaseAway());
    abandon(client);
  });
  try {
    await Promise.race([promise, prepare(client, { ...everySession, ...settings })]);
    return client;
  } catch (error) {
    abandon(client);
    throw error;
  } finally {
    cancel();
  }
}

async function prepare(client: Client, settings: Readonly<Record<string, string>>): Promise<void> {
  await client.connect();
  const names = Object.keys(settings);
  const wanted = names.map((_, index) => `($${2 * index + 1}, $${2 * index + 2})`);
  await client.query({
    text: `SELECT set_config(wanted.name, wanted.value, false)
      FROM (VALUES ${wanted.join(", ")}) AS wanted (name, value)
      JOIN pg_settings ON pg_settings.name = wanted.name`,
    values: Object.entries(settings).flat(),
  });
}

/** Ends the connection without a word to the server, whose answer may never come. */
export function abandon(client: Client): void {
  client.connection.stream.destroy();
}

/** PostgreSQL does not store NUL characters: they become U+FFFD, as lone surrogates do on their way to UTF-8. */
export function storable(value: SqlValue): SqlValue {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
}

/** A value as it is sent. */
export function sentValue(value: SqlValue): string | null {
  const stored = storable(value);
  return stored === null ? null : String(stored);
}
