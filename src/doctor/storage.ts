/** Checks what a live writes: the database and the log file. */
import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import { isPostgresAddress } from "../database_address.ts";
import { counted, noun, t } from "../language.ts";
import type { ServerCondition } from "../store/postgres/condition.ts";
import { conditionOf } from "../store/sqlite/condition.ts";
import { type Examination, type Finding, odd, well, wrong } from "./finding.ts";

const megabyte = 1024 * 1024;
/** A large live takes a few hundred megabytes. */
const plentyBytes = 1024 * megabyte;
const leastBytes = 50 * megabyte;

export function database({ database: path }: Pick<Config, "database">): Examination {
  if (isPostgresAddress(path)) return { name: t`Database`, look: () => server(path) };
  return {
    name: t`Database`,
    look() {
      const { file, size, owner, freeBytes } = conditionOf(path);
      const found = size === null
        ? well(t`${file} does not exist yet. init and start create it.`)
        : well(t`${file} is a Livecue database of ${inMegabytes(size)}.`);
      const used = owner === null
        ? []
        : [odd(t`Another Livecue (process ${owner}) is using ${file}. Stop it before you start one here.`)];
      return [found, ...used, ...space(freeBytes)];
    },
  };
}

async function server(address: string): Promise<Finding[]> {
  const { conditionOfServer } = await import("../store/postgres/condition.ts");
  const condition = await conditionOfServer(address);
  const { name, serverVersion, version, isOlder, size, isOpen } = condition;
  const found = version === 0
    ? well(t`${name} (PostgreSQL ${serverVersion}) has no tables of Livecue yet. init and start create them.`)
    : well(t`${name} (PostgreSQL ${serverVersion}) is a Livecue database of ${inMegabytes(size)}.`);
  const findings = [found];
  if (isOlder) findings.push(well(t`Its tables are of an older Livecue. start brings them up to date.`));
  findings.push(...use(condition));
  if (isOpen) {
    findings.push(
      odd(t`The connection to the server is not encrypted. Write ?sslmode=require behind the address.`),
    );
  }
  return findings;
}

/** Who captures into the database. */
function use(
  { machine, streamerCount, machines }: Pick<ServerCondition, "machine" | "streamerCount" | "machines">,
): Finding[] {
  if (streamerCount > 0) {
    const streamers = counted(streamerCount, noun("streamer"));
    if (machines.length === 0) {
      return [odd(t`It has ${streamers}, whom no machine captures now. "start --all" does.`)];
    }
    return [well(t`It has ${streamers}. Captured by: ${machines.join(", ")}.`)];
  }
  if (machine === null) return [];
  const user = machine || t`another machine`;
  return [odd(t`The Livecue on ${user} is using it. A start here waits until that one ends.`)];
}

function space(freeBytes: number | null) {
  if (freeBytes === null || freeBytes >= plentyBytes) return [];
  const text = t`Its disk has only ${inMegabytes(freeBytes)} left. Free some space.`;
  return [freeBytes < leastBytes ? wrong(text) : odd(text)];
}

function inMegabytes(bytes: number): string {
  return `${(bytes / megabyte).toFixed(1)} MB`;
}

export function logFile({ logFile: path }: Pick<Config, "logFile">): Examination {
  return {
    name: t`Log file`,
    look() {
      if (path === null) return [well(t`Livecue writes no log file, as "log_file" says.`)];
      const problem = problemOf(path);
      if (problem === null) return [well(t`${path} can be written.`)];
      return [
        wrong(t`${path} cannot be written (${problem}). Allow writing, or set "log_file" to another path.`),
      ];
    },
  };
}

/** Opens an existing file, and never creates one. */
function problemOf(path: string): string | null {
  try {
    Deno.openSync(path, { append: true }).close();
    return null;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return (error as Error).message;
  }
  try {
    accessSync(dirname(path), constants.W_OK);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
