/** What SQLite's errors mean to a person, and which of them pass. */
import { UserError } from "../user_error.ts";

/** SQLite's primary result codes that come from the surroundings: the disk, the file, another program. */
const sentences: Readonly<Record<number, string>> = {
  5: "The database is locked by another program: close what else is writing to it.",
  6: "The database is locked by another program: close what else is writing to it.",
  7: "There is not enough memory to write to the database: close some other programs.",
  8: "The database is read-only: allow writing to the file and to its folder.",
  10: "The disk reports an error: look at the disk, or move the database to another one.",
  11:
    'The database is damaged: put a backup in its place, or copy what can be read into a new file with "repair".',
  13: "The disk is full: make some room.",
  14: "The database cannot be opened: allow reading and writing of the file and of its folder.",
  15: "The database is locked by another program: close what else is writing to it.",
  26: "The file is not an SQLite database: name another one with --database.",
};

export function isSqliteError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

/** SQLITE_IOERR_SHMSIZE. */
const shmSize = 4874;

/** Opening a database, and running several statements at once, are told without a code. */
const codesOfTexts: readonly (readonly [text: string, code: number])[] = [
  ["database is locked", 5],
  ["attempt to write a readonly database", 8],
  ["disk I/O error", 10],
  ["database disk image is malformed", 11],
  ["database or disk is full", 13],
  ["unable to open database file", 14],
  ["file is not a database", 26],
];

/** SQLite's primary result code of an error; null where it is not SQLite's or has none. */
function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_SQLITE_ERROR") return null;
  if (!("errcode" in error) || typeof error.errcode !== "number") {
    return codesOfTexts.find(([text]) => error.message.startsWith(text))?.[1] ?? null;
  }
  // There was no room for the file by which connections share the log.
  return error.errcode === shmSize ? 13 : error.errcode & 0xff;
}

/** The file is not the one that was opened: nothing may be written now. The message is a sentence for a person. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** Whether SQLite found pages that do not fit together; also as the cause of a `UserError`. */
export function isDamage(error: unknown): boolean {
  return sqliteCode(error instanceof UserError ? error.cause : error) === 11;
}

/** Whether what was to be read lies where nothing can be read: on damaged pages, or on a disk that fails. */
export function isUnreadable(error: unknown): boolean {
  return [10, 11, 26].includes(sqliteCode(error) ?? 0);
}

/** A sentence for an error that may pass if someone does something; null where it is a bug. */
export function troubleSentence(error: unknown): string | null {
  if (error instanceof ForeignFileError) return error.message;
  const code = sqliteCode(error);
  return code === null ? null : sentences[code] ?? null;
}

/**
 * The error of reading rows as a `UserError`, where it is SQLite's, or a number in a row is larger than a number here
 * can be: tables are not as Livecue made them, or somebody has changed what is in them. Any other as it is.
 */
export function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const isOutOfRange = "code" in error && error.code === "ERR_OUT_OF_RANGE";
  if (!isOutOfRange && !isSqliteError(error)) return error;
  return new UserError(
    `${path} has values that cannot be read (${error.message}). deno task livecue check says what is wrong, and ` +
      "deno task livecue repair FILE copies what can be read into a new file.",
    { cause: error },
  );
}

/** Runs `work`; an SQLite error that a person can fix becomes a `UserError` naming the file. */
export function explaining<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const sentence = troubleSentence(error);
    if (sentence === null) throw explained(path, error);
    const names = error instanceof ForeignFileError ? sentence : `${path}: ${sentence}`;
    throw new UserError(names, { cause: error });
  }
}

/** SQLITE_CONSTRAINT_CHECK, an extended result code. */
const constraintCheck = 275;

export const brokenRowSentence =
  "A row of the database breaks the rules of its table: another program changed it. Livecue goes on with it; " +
  "deno task livecue check names the table.";

/** Whether a row would break a CHECK of its table. */
export function breaksCheck(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === constraintCheck;
}
