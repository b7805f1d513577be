/** What is wrong with a readings' database, in sentences. */
import { t } from "../language.ts";
import { isUnreadable, troubleSentence } from "../store/sqlite/trouble.ts";
import { UserError } from "../user_error.ts";

/** What is wrong with a readings' database, for a person; null for a bug. */
export function sentenceOf(file: string, error: unknown): string | null {
  if (error instanceof UserError) return error.message;
  if (error instanceof Error && error.name === "WrongFileError") {
    return `${file} ${error.message}.`;
  }
  if (isUnreadable(error)) return t`${file} is damaged. Move it away: Livecue then creates a new one.`;
  const sentence = troubleSentence(error);
  return sentence === null ? null : `${file}: ${sentence}`;
}

/** An error of a question, as a `UserError` if a person can do something about it. */
export function explained(file: string, error: unknown): unknown {
  const sentence = error instanceof RangeError ? null : sentenceOf(file, error);
  return sentence === null
    ? error
    : new UserError(`${t`Readings cannot be read.`} ${sentence}`, { cause: error });
}
