/** `streamers`: who is captured out of a database of many rooms, and on which machine. */
import { type Command } from "commander";
import { systemClock } from "../clock.ts";
import { bareHandle, notAHandle } from "../handle.ts";
import { t } from "../language.ts";
import { createLog } from "../log/log.ts";
import { isPostgresAddress } from "../database_address.ts";
import type { StreamerList } from "../store/rooms.ts";
import { askStreamers } from "../store/sqlite/rooms.ts";
import { UserError } from "../user_error.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, formatTable, print } from "./table.ts";

export function addStreamers(program: Command): void {
  const command = program.command("streamers")
    .description(t`list, add, remove and move the streamers that start --all captures`);
  command.command("list", { isDefault: true }).description(t`list the streamers and their machines`)
    .option("--json", t`as JSON`)
    .action(async (_, sub: Command) => {
      const options = sub.optsWithGlobals<GlobalOptions & { json?: boolean }>();
      await withStreamers(options, (streamers) => list(streamers, options.json ?? false));
    });
  command.command("add").description(t`capture these streamers, too`)
    .argument("<name...>", t`the streamers' handles`)
    .action(async (names: string[], _, sub: Command) => {
      const handles = names.map(handleOf);
      await withStreamers(sub.optsWithGlobals(), async (streamers) => {
        await streamers.add(handles, systemClock.now());
        print(t`Added: ${shown(handles)}. A machine that runs start --all captures them soon.`);
      });
    });
  command.command("remove").description(t`capture these streamers no longer; their events stay`)
    .argument("<name...>", t`the streamers' handles`)
    .action(async (names: string[], _, sub: Command) => {
      const handles = names.map(handleOf);
      await withStreamers(sub.optsWithGlobals(), async (streamers) => {
        await streamers.remove(handles, systemClock.now());
        print(t`Removed: ${shown(handles)}. Their events stay in the database.`);
      });
    });
  command.command("move").description(t`have another machine capture a streamer`)
    .argument("<name>", t`the streamer's handle`)
    .argument("<machine>", t`the machine's name; "any" lets any machine capture the streamer again`)
    .action(async (name: string, machine: string, _, sub: Command) => {
      const handle = handleOf(name);
      await withStreamers(sub.optsWithGlobals(), async (streamers) => {
        await streamers.move(handle, machine === "any" ? null : machine);
        print(moved(handle, machine, streamers.machines()));
      });
    });
}

function moved(handle: string, machine: string, machines: readonly string[]): string {
  if (machine === "any") return t`Any machine may capture @${handle}.`;
  if (machines.includes(machine)) return t`@${handle} moves to ${machine}.`;
  const running = machines.length === 0 ? t`No machine runs now.` : t`These run now: ${machines.join(", ")}.`;
  return t`@${handle} moves to ${machine} when that machine runs.` + ` ${running}`;
}

async function withStreamers(
  options: GlobalOptions,
  use: (streamers: StreamerList) => Promise<void> | void,
): Promise<void> {
  const { config: { database: address, durability } } = await readSettings(options);
  const log = createLog({ clock: systemClock, sinks: [], clean: (line) => line });
  const asked = { address, durability, clock: systemClock, log, machine: "streamers" };
  if (!isPostgresAddress(address)) return await use(askStreamers(asked));
  const { PostgresRooms } = await import("../store/postgres/rooms.ts");
  const rooms = await PostgresRooms.open(asked);
  try {
    await use(rooms.streamers);
  } finally {
    await rooms.close();
  }
}

function list(streamers: StreamerList, isJson: boolean): void {
  const rows = streamers.list();
  if (isJson) return print(JSON.stringify(rows, null, 2));
  if (rows.length === 0) {
    return print(t`There are no streamers yet. Add one: deno task livecue streamers add NAME`);
  }
  const lines = rows.map(({ name, machine, since, wantedMachine, isRemoved }) => [
    `@${name}`,
    isRemoved ? t`removed` : machine ?? t`none yet`,
    since === null ? "" : dateTime(since),
    wantedMachine !== null && wantedMachine !== machine ? wantedMachine : "",
  ]);
  for (const line of formatTable([t`streamer`, t`machine`, t`since`, t`moves to`], lines)) print(line);
}

function handleOf(name: string): string {
  const handle = bareHandle(name);
  if (!handle) throw new UserError(notAHandle(name));
  return handle;
}

function shown(handles: readonly string[]): string {
  return handles.map((handle) => `@${handle}`).join(", ");
}
