/** Checks that the log and the recording each have their own file. */
import { basename, dirname, join } from "node:path";
import type { Config } from "../config/config.ts";
import { readingsDatabase } from "../readings/file.ts";
import { UserError } from "../user_error.ts";

/** Throws a `UserError` if the log or the recording would be written into the config, the database, or each other. */
export function checkFilesAreSeparate(
  { path, database, logFile }: Pick<Config, "path" | "database" | "logFile">,
  recordPath: string | null,
): void {
  const files: [string, string][] = [
    [path, "the config"],
    ...["", "-wal", "-shm", ".lock"].map((end): [string, string] => [database + end, "part of the database"]),
    ...["", "-wal", "-shm", ".lock"].map((end): [string, string] => [
      readingsDatabase(database) + end,
      "part of the database of readings",
    ]),
  ];
  if (logFile !== null) {
    checkIsNone(logFile, files, (file) => `The log would be written into ${file}: change "log_file".`);
    files.push([logFile, "the log file"]);
  }
  if (recordPath === null) return;
  checkIsNone(recordPath, files, (file) => `The recording would be written into ${file}: change --record.`);
}

function checkIsNone(
  path: string,
  files: readonly [string, string][],
  sentence: (file: string) => string,
): void {
  const own = realPath(path);
  const same = files.find(([other]) => realPath(other) === own);
  if (same !== undefined) throw new UserError(sentence(`${path}, which is ${same[1]}`));
}

/** Resolves links, as far as the file or its folder exists. */
function realPath(path: string): string {
  for (
    const resolved of [
      () => Deno.realPathSync(path),
      () => join(Deno.realPathSync(dirname(path)), basename(path)),
    ]
  ) {
    try {
      return resolved();
    } catch {
      // It does not exist or cannot be accessed. The code that opens it reports that.
    }
  }
  return path;
}
