/**
 * A demo and a replay are rehearsals. They are stored separately from real lives: in a database next to the config's,
 * and in separate data folders of the services.
 */
import { basename, dirname, extname, join, resolve } from "node:path";
import type { Config } from "../config/config.ts";

const rehearsals = ["demo", "replay"] as const;

export type Rehearsal = (typeof rehearsals)[number];

/** The database of a rehearsal, next to the database of real lives. */
export function rehearsalDatabase(show: string, rehearsal: Rehearsal): string {
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

/** The config with the database that `--database` names. A rehearsal's database also selects the rehearsal's data folders. */
export function onDatabase(config: Config, named: string | undefined): Config {
  if (named === undefined) return config;
  const database = resolve(named);
  const rehearsal = rehearsals.find((each) => rehearsalDatabase(config.database, each) === database);
  const apart = rehearsal === undefined ? config : withRehearsalFolders(config, rehearsal);
  return { ...apart, database };
}
