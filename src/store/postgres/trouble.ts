/** Explains PostgreSQL's errors to a person, and tells temporary ones from bugs. */
import { helpPages } from "../../help_page.ts";
import { msg, t, translated } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { databaseShown } from "../../database_address.ts";

/** The database does not answer at present, or the connection is lost. The message is a sentence for a person. */
export class DatabaseAway extends Error {
  override readonly name = "DatabaseAway";

  constructor(message = translated(awaySentence), options?: ErrorOptions) {
    super(message, options);
  }
}

/** An error that the server reports. */
export class ServerError extends Error {
  override readonly name: string = "ServerError";
  /** The SQLSTATE, five characters. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A transaction that the server refused: nothing of it is written. */
export class BatchError extends ServerError {
  override readonly name = "BatchError";
  /** Which statement failed; null if it was none of the caller's, or the commit. */
  readonly index: number | null;

  constructor(cause: Error, index: number | null) {
    super(cause.message, sqlState(cause) ?? "", { cause });
    this.index = index;
  }
}

/** older copy: the database does not know of this run what it knew before, as after the promotion of a stale replica. */
export type WhyLost = "taken over" | "older copy";

/** The room belongs to another machine, or the database is an older copy: nothing more of the room is written. */
export class RoomLost extends Error {
  override readonly name = "RoomLost";
  readonly room: string;

  constructor(room: string) {
    super(
      room === ""
        ? t`Another run of Livecue has taken over the database.`
        : t`Another machine has taken over ${room}.`,
    );
    this.room = room;
  }
}

const awaySentence = msg("The database does not answer: check the PostgreSQL server and the network to it.");
const startsSentence = msg("The PostgreSQL server is starting or stopping: wait, or start it again.");
const lockedSentence = msg(
  "Another program holds a lock on Livecue's tables in PostgreSQL: end that program's session there.",
);
const memorySentence = msg("The PostgreSQL server has not enough memory: end other programs that use it.");

/** By SQLSTATE, or by its first two characters: errors with a cause outside of Livecue, which may pass. */
const sentences: Readonly<Record<string, string>> = {
  "08": awaySentence,
  "25006": msg(
    "The database is read-only, as a standby is: give the address of the primary server, or allow writing.",
  ),
  "25P03": awaySentence,
  "40001": lockedSentence,
  "40P01": lockedSentence,
  "42501": msg(
    "The database user lacks a right on Livecue's tables: grant it what its administrator may do.",
  ),
  "53": msg("The PostgreSQL server has no free resources: see its log."),
  "53100": msg("The disk of the PostgreSQL server is full: free some space there."),
  "53200": memorySentence,
  "53300": msg("The PostgreSQL server has too many connections: end some, or raise max_connections."),
  "53400": msg("A limit in the settings of the PostgreSQL server is reached: see its log."),
  "55P03": lockedSentence,
  "55006": lockedSentence,
  "57014": msg(
    "The PostgreSQL server has cancelled a statement: see its log, and look for a time limit there.",
  ),
  "57P01": startsSentence,
  "57P02": startsSentence,
  "57P03": startsSentence,
  "57P05": awaySentence,
  "58": msg("The PostgreSQL server reports an error of its disk or of its system: see its log."),
  XX001: msg("The database in PostgreSQL is damaged: see the server's log, and restore a backup."),
  XX002: msg("An index of the database in PostgreSQL is damaged: run REINDEX DATABASE there."),
};

/** The SQLSTATE of an error that the server reported; null if it is another error. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(error.code) ? error.code : null;
}

/** What the server says before it ends a connection. The word for its severity may be in another language. */
const lastWords = /^(08...|57P0[1235]|25P03)$/;

/** Whether the connection ends with this error, or ended without a word of the server. */
export function endsConnection(error: unknown): boolean {
  const code = sqlState(error);
  if (code === null || lastWords.test(code)) return true;
  return "severity" in (error as Error) && /^(FATAL|PANIC)$/.test(String((error as ServerSide).severity));
}

interface ServerSide {
  severity?: unknown;
}

/** A sentence for an error that passes, or that a person can fix; null if the error is a bug. */
export function troubleSentence(error: unknown): string | null {
  if (error instanceof DatabaseAway || error instanceof RoomLost) return error.message;
  const code = sqlState(error);
  if (code === null) return null;
  const sentence = sentences[code] ?? sentences[code.slice(0, 2)];
  return sentence === undefined ? null : translated(sentence);
}

/**
 * Of data, constraints, views with a check, limits and triggers: the server refuses a row, and would refuse it again.
 * 21: a statement that would change a row twice.
 */
const refusals = /^(21|22|23|44|54|P0)/;

/** Whether the server refuses only what it was given, so that it accepts other rows. */
export function isRefusal(error: unknown): boolean {
  return refusals.test(sqlState(error) ?? "");
}

/** Why no connection could be made, for a person. `error`: of the driver, of the system or of the server. */
export function connectionTrouble(error: unknown, address: string): UserError {
  if (error instanceof UserError) return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  const sentence = refusal(error, message) ?? unreachable(error, message) ?? troubleSentence(error) ??
    message;
  return new UserError(t`No connection to ${databaseShown(address)}. ${sentence}`, {
    cause: error,
    page: helpPages.postgres,
  });
}

/** What the server itself, or the encryption, objects to. */
function refusal(error: unknown, message: string): string | null {
  switch (sqlState(error)) {
    case "28P01":
      return t`The user or the password is wrong.`;
    case "28000":
      return t`The server does not let this user in (${message}). Its pg_hba.conf says who may connect, from where and how.`;
    case "3D000":
      return t`There is no such database. Create it there first, as with: createdb NAME`;
    case "08P01":
      return t`The server, or a program between, refuses the way of connecting (${message}). Give the address of PostgreSQL itself, not of a pooler such as PgBouncer.`;
  }
  if (message.includes("client password must be a")) {
    return t`The server asks for a password. Write it into the address, as postgres://USER:PASSWORD@HOST/DATABASE.`;
  }
  if (message.includes("not support SSL")) {
    return t`The server has no encryption. Turn it on there, or write ?sslmode=disable behind the address.`;
  }
  if (/certificate|self.signed|UnknownIssuer|altnames/i.test(message)) {
    return t`The server's certificate is not accepted (${message}). Name its authority with ?sslmode=verify-full&sslrootcert=FILE behind the address.`;
  }
  return null;
}

function unreachable(error: unknown, message: string): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  switch (code) {
    case "ECONNREFUSED":
      return t`No server listens there. Start PostgreSQL, or correct the address.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
      return t`The name of the server is not known. Correct the address.`;
    case "ENOENT":
    case "EACCES":
      return "syscall" in (error as Error) && (error as { syscall?: unknown }).syscall === "connect"
        ? t`The socket of the server cannot be opened. Start PostgreSQL, or correct the address.`
        : t`A file that the address names cannot be read (${message}).`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return translated(awaySentence);
  }
  return /timeout expired|terminated unexpectedly/.test(message) ? translated(awaySentence) : null;
}

/** Turns an error of the database into a `UserError` if a person can fix it. Returns any other error unchanged. */
export function explained(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const sentence = error instanceof RoomLost ? error.message : troubleSentence(error);
  if (sentence === null) return error;
  return new UserError(`${name}: ${sentence}`, { cause: error, page: helpPages.postgres });
}
