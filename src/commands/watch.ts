/** `watch`: the rooms of a database, from anywhere that reaches it. */
import type { Command } from "commander";
import { systemClock } from "../clock.ts";
import { isPostgresAddress } from "../database_address.ts";
import { t } from "../language.ts";
import type { RoomLine, RoomsSnapshot } from "../rooms_control.ts";
import { UserError } from "../user_error.ts";
import { RemoteRooms } from "../watch/remote_rooms.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { formatTable, print } from "./table.ts";
// Evaluated only if there is a screen.
import defer * as screens from "./watch_screen_run.ts";

interface WatchOptions extends GlobalOptions {
  readOnly?: boolean;
  plain?: boolean;
  json?: boolean;
}

export function addWatch(program: Command): void {
  const command = program.command("watch")
    .description(t`look at the rooms of a PostgreSQL database from anywhere`)
    .option("--read-only", t`only look, and change nothing`)
    .option("--plain", t`print the list of rooms instead of showing the screen`)
    .option("--json", t`the same as JSON`)
    .action(() => watch(command.optsWithGlobals<WatchOptions>()));
}

async function watch(options: WatchOptions): Promise<void> {
  const { config: { database, screen: settings } } = await readSettings(options);
  if (!isPostgresAddress(database)) {
    throw new UserError(
      t`watch needs a PostgreSQL database, which other machines reach: set "database" to its postgres:// address. A live in a file is shown by the screen of "start".`,
    );
  }
  const rooms = await watchRooms(database, options.readOnly ?? false);
  try {
    if (showsScreen(options)) await screens.showRooms({ rooms, settings });
    else printRooms(rooms.snapshot(), options.json ?? false);
  } finally {
    await rooms.close();
  }
}

function showsScreen({ plain, json }: WatchOptions): boolean {
  return !plain && !json && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** Looks at all rooms of a PostgreSQL database. Throws a `UserError`. */
export async function watchRooms(address: string, isReadOnly: boolean): Promise<RemoteRooms> {
  // It loads the code of PostgreSQL.
  const { PostgresWatcherLine } = await import("../store/postgres/watch_watcher.ts");
  return await RemoteRooms.open({
    openLine: (events) => PostgresWatcherLine.open({ ...events, address, clock: systemClock }),
    clock: systemClock,
    isReadOnly,
  });
}

function printRooms({ rooms, hosts }: RoomsSnapshot, isJson: boolean): void {
  if (isJson) return print(JSON.stringify({ rooms, hosts }, null, 2));
  if (rooms.length === 0) {
    print(t`No machine captures into this database, and it has no streamers. "streamers add NAME" adds one.`);
  } else {
    const headings = [
      t`STREAMER`,
      t`MACHINE`,
      t`STATE`,
      t`VIEWERS`,
      t`EVENTS/S`,
      t`PENDING`,
      t`FAILED`,
      t`TROUBLE`,
    ];
    for (const line of formatTable(headings, rooms.map(columnsOf))) print(line);
  }
  for (const { name, services } of hosts) {
    print(t`The host ${name} runs services for other machines: ${services.join(", ")}.`);
  }
}

function columnsOf(room: RoomLine): string[] {
  const { streamer, machine, phase, viewers, eventsPerSecond, pending, failed, trouble } = room;
  return [
    `@${streamer}`,
    machine ?? t`none yet`,
    phase === null ? "" : phaseWord(phase),
    viewers === null ? "" : String(viewers),
    String(eventsPerSecond),
    String(pending),
    String(failed),
    trouble ?? "",
  ];
}

function phaseWord(phase: NonNullable<RoomLine["phase"]>): string {
  switch (phase) {
    case "idle":
      return t`idle`;
    case "looking_up":
    case "connecting":
      return t`connecting`;
    case "listening":
      return t`listening`;
    case "live":
      return t`live`;
    case "waiting":
      return t`waiting`;
    case "reconnecting":
      return t`reconnecting`;
    case "ended":
      return t`ended`;
  }
}
