/** Reports in brief how the sessions of a run went, when it is over. */
import { relative, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import type { ServiceView } from "../control.ts";
import { databaseShown, isPostgresAddress } from "../database_address.ts";
import { t } from "../language.ts";
import { briefLine } from "../report/brief.ts";
import { openWithoutLog } from "../store/sqlite/log_mark.ts";
import type { SessionReport } from "../session_report.ts";
import type { Query } from "../store/query.ts";
import { readReport } from "../store/report.ts";
import { SqliteQuery } from "../store/sqlite/query.ts";
import { explained } from "../store/sqlite/trouble.ts";
import { UserError } from "../user_error.ts";
import { withReader } from "./reading.ts";
import { defaultConfigName } from "./settings.ts";

/** A run of several rooms or days may have many. */
const maxSessions = 3;

export class RunBrief {
  readonly #sessionIds: number[] = [];

  takeSessionEnd({ id }: { id: number }): void {
    this.#sessionIds.push(id);
    if (this.#sessionIds.length > maxSessions) this.#sessionIds.shift();
  }

  /** A line for each of the last sessions, and the command for the whole report. None if the database cannot be read. */
  async lines(config: Config): Promise<string[]> {
    if (this.#sessionIds.length === 0) return [];
    try {
      const reports = await reportsIn(config.database, this.#sessionIds);
      const lines = reports.map(briefLine).filter((line) => line !== null);
      if (lines.length === 0) return [];
      const command = `deno task livecue report ${this.#sessionIds.at(-1)}${optionsFor(config)}`;
      return [...lines, t`The whole report: ${command}`];
    } catch (error) {
      // The run itself has reported what is wrong with the database.
      if (error instanceof UserError) return [];
      throw error;
    }
  }
}

/** Throws a `UserError` if the database cannot be read. */
async function reportsIn(address: string, sessionIds: readonly number[]): Promise<SessionReport[]> {
  const reportsOf = (query: Query) => sessionIds.flatMap((id) => readReport(query, id) ?? []);
  if (isPostgresAddress(address)) {
    let reports: SessionReport[] = [];
    // A server that has gone away must not hold up the end.
    await withReader(address, (_, { query }) => void (reports = reportsOf(query)), { isPatient: false });
    return reports;
  }
  try {
    // The run has closed the database in order, so its file is complete. Reading it with a log would leave one.
    using database = openWithoutLog(address);
    return reportsOf(new SqliteQuery(database));
  } catch (error) {
    throw explained(address, error);
  }
}

/** The options with which a command reads this database; "" if it needs none. */
function optionsFor({ path, text, database }: Config): string {
  const named = path === resolve(defaultConfigName) ? "" : ` --config ${relative(".", path)}`;
  const isUsual = loadConfig(path, { text }).database === database;
  const place = isPostgresAddress(database) ? `"${databaseShown(database)}"` : relative(".", database);
  return named + (isUsual ? "" : ` --database ${place}`);
}

/** A sentence if none of the services that this run should process could work. */
export function whyNothingWorked(services: readonly ServiceView[]): string | null {
  const own = services.filter(({ phase }) => phase !== "not processed");
  const off = own.filter(({ phase, completed }) =>
    phase === "switched off" || phase === "backing off" && completed === 0
  );
  if (own.length === 0 || off.length < own.length) return null;
  const names = off.map(({ slug }) => slug).join(", ");
  return off.length === 1
    ? t`The only service, ${names}, could not work. The lines above say why.`
    : t`None of the services could work: ${names}. The lines above say why.`;
}
