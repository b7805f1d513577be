/**
 * A demo and a replay are rehearsals. They are stored separately from real lives: in a database next to the config's,
 * and in separate data folders of the services.
 */
import { basename, dirname, extname, join } from "node:path";
import type { Config } from "../config/config.ts";
import { databaseAt, isOtherAddress, localDatabase } from "../database_address.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

const rehearsals = ["demo", "replay"] as const;

export type Rehearsal = (typeof rehearsals)[number];

/** The database of a rehearsal, next to the database of real lives, or, if that is in PostgreSQL, next to the config. */
export function rehearsalDatabase(config: Pick<Config, "database" | "path">, rehearsal: Rehearsal): string {
  const show = localDatabase(config);
  const extension = extname(show);
  return join(dirname(show), `${basename(show, extension)}.${rehearsal}${extension || ".db"}`);
}

/** The config with the services' data folders for a rehearsal. */
export function withRehearsalFolders(config: Config, rehearsal: Rehearsal): Config {
  const dataFolder = join(dirname(config.path), `data.${rehearsal}`);
  const services = config.services.map((service) => ({
    ...service,
    dataFolder: join(dataFolder, service.slug),
  }));
  return { ...config, dataFolder, services };
}

/**
 * The config with the database that `--database` names. A rehearsal's database also selects the rehearsal's data
 * folders. Throws a `UserError` if it cannot be a database.
 */
export function onDatabase(config: Config, named: string | undefined): Config {
  if (named === undefined) return config;
  if (isOtherAddress(named)) {
    throw new UserError(t`--database is for a file, or for an address that starts with postgres://.`);
  }
  const database = databaseAt(named, ".");
  const rehearsal = rehearsals.find((each) => rehearsalDatabase(config, each) === database);
  const apart = rehearsal === undefined ? config : withRehearsalFolders(config, rehearsal);
  return { ...apart, database };
}
