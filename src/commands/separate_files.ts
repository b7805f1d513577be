/** Checks that the log and the recording each have their own file. */
import { basename, dirname, join } from "node:path";
import type { Config } from "../config/config.ts";
import { isPostgresAddress, localDatabase } from "../database_address.ts";
import { t } from "../language.ts";
import { readingsDatabase } from "../readings/file.ts";
import { UserError } from "../user_error.ts";

interface OwnedFile {
  file: string;
  /** Says what the file is. The same file may have another path. */
  describe: (path: string) => string;
}

/** Throws a `UserError` if the log or the recording would be written into the config, the database, or each other. */
export function checkFilesAreSeparate(
  { path, database, logFile }: Pick<Config, "path" | "database" | "logFile">,
  recordPath: string | null,
): void {
  const ofDatabase = (path: string) => t`${path}, which is part of the database`;
  const ofReadings = (path: string) => t`${path}, which is part of the database of readings`;
  const files: OwnedFile[] = [
    { file: path, describe: (path) => t`${path}, which is the config` },
    ...(isPostgresAddress(database) ? [] : filesOf(database)).map((file) => ({ file, describe: ofDatabase })),
    ...filesOf(readingsDatabase(localDatabase({ database, path }))).map((file) => ({
      file,
      describe: ofReadings,
    })),
  ];
  if (logFile !== null) {
    checkIsNone(logFile, files, (file) => t`The log would be written into ${file}: change "log_file".`);
    files.push({ file: logFile, describe: (path) => t`${path}, which is the log file` });
  }
  if (recordPath === null) return;
  checkIsNone(recordPath, files, (file) => t`The recording would be written into ${file}: change --record.`);
}

function filesOf(database: string): string[] {
  return ["", "-wal", "-shm", ".lock"].map((end) => database + end);
}

function checkIsNone(
  path: string,
  files: readonly OwnedFile[],
  sentence: (file: string) => string,
): void {
  const own = realPath(path);
  const same = files.find(({ file }) => realPath(file) === own);
  if (same !== undefined) throw new UserError(sentence(same.describe(path)));
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
