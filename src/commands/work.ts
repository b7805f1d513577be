import type { Command } from "commander";
import { laterSettings } from "../app/later_settings.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { isPostgresAddress } from "../database_address.ts";
import type { HostBook } from "../host_book.ts";
import { t } from "../language.ts";
import { openLog } from "./command_log.ts";
import { runHost } from "./host_run.ts";
import { runLive } from "./live_run.ts";
import { collect, type ListenPlace, listenPlace, wholeNumber } from "./options.ts";
import { UserError } from "../user_error.ts";
import { onDatabase } from "./rehearsal.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";

interface WorkOptions extends GlobalOptions {
  service?: string[];
  drain?: boolean;
  name?: string;
  listen?: ListenPlace;
  tokenEnv?: string;
  maxWorkers?: number;
}

const usualTokenEnv = "LIVECUE_HOST_TOKEN";
const usualMaxWorkers = 32;

/** `work`: processes pending items without capturing, or runs services for a Livecue on another machine. */
export function addWork(program: Command, context: CommandContext): void {
  const command = program.command("work")
    .description(t`process the pending items in the database, or run services for another machine`)
    .option("--service <slug>", t`process only this service (repeatable)`, collect)
    .option("--drain", t`end when the queues are empty`)
    .option("--name <name>", t`run services for a Livecue on another machine, under this name`)
    .option(
      "--listen <host:port>",
      t`with --name: where to listen for it (default: 127.0.0.1 and a free port)`,
      listenPlace,
    )
    .option(
      "--token-env <variable>",
      t`with --name: the environment variable with the secret that both machines share (default: LIVECUE_HOST_TOKEN; with PostgreSQL, a secret that only the database has)`,
    )
    .option(
      "--max-workers <n>",
      t`with --name: the most workers at a time, over all rooms (default: 32)`,
      wholeNumber(1),
    )
    .action(async () => {
      const options = command.optsWithGlobals<WorkOptions>();
      await (isForOthers(options) ? workForOthers(options, context) : work(options, context));
    });
}

function isForOthers({ name, listen, tokenEnv, maxWorkers }: WorkOptions): boolean {
  return [name, listen, tokenEnv, maxWorkers].some((value) => value !== undefined);
}

async function workForOthers(options: WorkOptions, context: CommandContext): Promise<void> {
  const { config } = await readSettings(options);
  const name = hostNameOf(options);
  await using book = await openBook(config, name);
  await runHost({
    config,
    isVerbose: options.verbose ?? false,
    book: book?.hosts,
    name,
    listen: options.listen ?? { hostname: "127.0.0.1", port: 0 },
    tokenEnv: options.tokenEnv ?? (book === null ? usualTokenEnv : null),
    maxWorkers: options.maxWorkers ?? usualMaxWorkers,
    services: options.service ?? null,
  }, context);
}

/** In a database that several machines share, the host announces itself. null: those who need it name it in their config. */
async function openBook(
  { database: address, durability }: Config,
  machine: string,
): Promise<{ hosts: HostBook } & AsyncDisposable | null> {
  if (!isPostgresAddress(address)) return null;
  const { PostgresRooms } = await import("../store/postgres/rooms.ts");
  const { log, stop } = openLog({ isVerbose: false });
  const rooms = await PostgresRooms.open({ address, durability, clock: systemClock, log, machine });
  return {
    hosts: rooms.hosts,
    async [Symbol.asyncDispose]() {
      await rooms.close();
      await stop();
    },
  };
}

/** Throws a `UserError`. */
function hostNameOf({ name, drain }: WorkOptions): string {
  if (drain) throw new UserError(t`--drain is for the own database: leave it out, because a host has none.`);
  if (name !== undefined && /^[a-z0-9][a-z0-9_-]*$/.test(name)) return name;
  throw new UserError(
    t`A host needs a name of lower-case letters, digits, "_" and "-": start it with --name, as --name gpu-1.`,
  );
}

async function work(options: WorkOptions, context: CommandContext): Promise<void> {
  const { config, isExample } = await readSettings(options);
  await runLive({
    config,
    isExample,
    isVerbose: options.verbose ?? false,
    applyToRun: (changed) => onDatabase(changed, options.database),
    livesDatabase: null,
    laterOf: (changed) => laterSettings(config, onDatabase(changed, options.database)),
    notes: [],
    openSources: () => [],
    processes: options.service ?? "all",
    whenIdle: options.drain ? "end" : "stay",
  }, context);
}
