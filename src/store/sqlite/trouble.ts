/** Explains SQLite's errors to a person, and tells temporary ones from bugs. */
import { helpPages } from "../../help_page.ts";
import { msg, t, translated } from "../../language.ts";
import { UserError } from "../../user_error.ts";

/**
 * By SQLite's primary result code: errors with a cause outside of Livecue, as the disk, the file or another program.
 */
const sentences: Readonly<Record<number, string>> = {
  5: msg("The database is locked by another program: close the program that is writing to it."),
  6: msg("The database is locked by another program: close the program that is writing to it."),
  7: msg("There is not enough memory to write to the database: close some other programs."),
  8: msg("The database is read-only: allow writing to the file and to its folder."),
  10: msg("The disk reports an error: check the disk, or move the database to another one."),
  11: msg(
    'The database is damaged: replace it with a backup, or copy what can be read into a new file with "repair".',
  ),
  13: msg("The disk is full: free some space."),
  14: msg("The database cannot be opened: allow reading and writing for the file and its folder."),
  15: msg("The database is locked by another program: close the program that is writing to it."),
  26: msg("The file is not an SQLite database: name another file with --database."),
};

export function isSqliteError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

/** SQLITE_IOERR_SHMSIZE. */
const shmSize = 4874;

/** When opening a database or running several statements at once, the driver's errors have no code. */
const codesOfTexts: readonly (readonly [text: string, code: number])[] = [
  ["database is locked", 5],
  ["attempt to write a readonly database", 8],
  ["disk I/O error", 10],
  ["database disk image is malformed", 11],
  ["database or disk is full", 13],
  ["unable to open database file", 14],
  ["file is not a database", 26],
];

/** SQLite's primary result code of an error; null if the error is not SQLite's or has no code. */
function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_SQLITE_ERROR") return null;
  if (!("errcode" in error) || typeof error.errcode !== "number") {
    return codesOfTexts.find(([text]) => error.message.startsWith(text))?.[1] ?? null;
  }
  // The disk has no space for the shared-memory file of the log.
  return error.errcode === shmSize ? 13 : error.errcode & 0xff;
}

/** The path no longer leads to the file that was opened, so nothing may be written. The message is for a person. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** Whether SQLite found malformed pages. The error may be the cause of a `UserError`. */
export function isDamage(error: unknown): boolean {
  return sqliteCode(error instanceof UserError ? error.cause : error) === 11;
}

/** Whether a read failed because of damaged pages or a failing disk. */
export function isUnreadable(error: unknown): boolean {
  return [10, 11, 26].includes(sqliteCode(error) ?? 0);
}

/** Whether the same write succeeds later: the disk is full, or another program holds a lock. */
export function passesLater(error: unknown): boolean {
  return [5, 6, 13, 15].includes(sqliteCode(error) ?? 0);
}

/** A sentence for an error that a person can fix; null if the error is a bug. */
export function troubleSentence(error: unknown): string | null {
  if (error instanceof ForeignFileError) return error.message;
  const code = sqliteCode(error);
  const sentence = code === null ? undefined : sentences[code];
  return sentence === undefined ? null : translated(sentence);
}

/**
 * Turns an error from reading rows into a `UserError` if SQLite threw it, or if a number is beyond JavaScript's
 * range. Both mean that somebody changed the tables or their content. Returns any other error unchanged.
 */
export function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const isOutOfRange = "code" in error && error.code === "ERR_OUT_OF_RANGE";
  if (!isOutOfRange && !isSqliteError(error)) return error;
  return new UserError(
    t`${path} has values that cannot be read (${error.message}). "deno task livecue check" says what is wrong, and "deno task livecue repair FILE" copies what can be read into a new file.`,
    { cause: error, page: helpPages.database },
  );
}

/** Turns an SQLite error that a person can fix into a `UserError` that names the file. Returns any other unchanged. */
export function explainedFully(path: string, error: unknown): unknown {
  const sentence = troubleSentence(error);
  if (sentence === null) return explained(path, error);
  const names = error instanceof ForeignFileError ? sentence : `${path}: ${sentence}`;
  return new UserError(names, { cause: error, page: helpPages.database });
}

/** Runs `work`. Throws its errors as `explainedFully` turns them. */
export function explaining<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw explainedFully(path, error);
  }
}

/** SQLite's extended result code SQLITE_CONSTRAINT_CHECK. */
const constraintCheck = 275;

export const brokenRowSentence = msg(
  'A row in the database breaks the rules of its table, because another program changed it. Livecue keeps using it. "deno task livecue check" names the table.',
);

/** Whether a write failed because the row breaks a CHECK constraint. */
export function breaksCheck(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === constraintCheck;
}
