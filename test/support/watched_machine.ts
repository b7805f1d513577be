/** Machines that capture into one PostgreSQL database, and people who watch them with roles of their own. */
import { App } from "../../src/app/app.ts";
import { Monitor } from "../../src/app/monitor.ts";
import { RecentUsers } from "../../src/app/recent_users.ts";
import { roomStatus } from "../../src/app/room_status.ts";
import { ScreenControl } from "../../src/app/screen_control.ts";
import { systemClock } from "../../src/clock.ts";
import { usualScreen } from "../../src/screen_settings.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { PostgresRooms } from "../../src/store/postgres/rooms.ts";
import { PostgresWatcherLine } from "../../src/store/postgres/watch_watcher.ts";
import { Store } from "../../src/store/store.ts";
import { UserError } from "../../src/user_error.ts";
import { RemoteRooms } from "../../src/watch/remote_rooms.ts";
import { WatchedRooms } from "../../src/watch/watched_rooms.ts";
import { comments, Live, makeService } from "./app_on_a_live.ts";
import type { Postgres } from "./postgres.ts";
import { quickClock } from "./quick_clock.ts";
import { type SilentLog, silentLog } from "./silent_log.ts";
import { configIn, withFolder } from "./temporary_store.ts";

/** Seconds of Livecue pass in a quarter of the time. */
export const quick = quickClock(4);

export interface RoomUnderTest {
  app: App;
  live: Live;
  monitor: Monitor;
  control: ScreenControl;
  ended: PromiseWithResolvers<string>;
}

export interface MachineUnderTest {
  rooms: Map<string, RoomUnderTest>;
  watched: WatchedRooms;
  log: SilentLog;
  /** Ends the run of one room. */
  close(streamer: string): Promise<void>;
  stop(): Promise<void>;
}

export interface Stage {
  address: string;
  /** A machine that captures these streamers. */
  machine(name: string, streamers: readonly string[], services?: ServiceConfig[]): Promise<MachineUnderTest>;
  /** Somebody who watches, with this role of the database; default: the owner. */
  watch(options?: { role?: string; isReadOnly?: boolean }): Promise<RemoteRooms>;
  /** Creates a role with these statements, in which ROLE is its name. */
  role(name: string, grants: string): Promise<void>;
  addressOf(role: string): string;
  /** A machine in a process of its own, by a file of this folder. Resolves when it is ready. */
  process(path: string, args: readonly string[]): Promise<ChildMachine>;
  psql(sql: string): Promise<string>;
}

export interface ChildMachine extends AsyncDisposable {
  kill(): void;
  /** It stays connected, and does nothing more. */
  hang(): void;
}

export const onlyService = [makeService("greeter", { subscriptions: { CommentEvent: comments } })];

/** Ends everything that `use` opens. */
export async function withStage(server: Postgres, use: (stage: Stage) => Promise<void>): Promise<void> {
  const address = await server.createDatabase();
  const database = new URL(address).pathname.slice(1);
  await withFolder(async (folder) => {
    await using ending = new AsyncDisposableStack();
    const psql = (sql: string) => server.psql(sql, database);
    const addressOf = (role: string) => {
      const url = new URL(address);
      url.username = role;
      return url.href;
    };
    await use({
      address,
      psql,
      addressOf,
      process: (path, args) => startProcess(path, [address, folder, ...args]),
      async machine(name, streamers, services = onlyService) {
        const machine = await openMachine({ folder, address, name, streamers, services });
        ending.defer(() => machine.stop());
        return machine;
      },
      async watch({ role, isReadOnly = false } = {}) {
        const rooms = await RemoteRooms.open({
          openLine: (events) =>
            PostgresWatcherLine.open({
              ...events,
              address: role === undefined ? address : addressOf(role),
              clock: systemClock,
            }),
          clock: quick,
          isReadOnly,
        });
        ending.defer(() => rooms.close());
        return rooms;
      },
      async role(name, grants) {
        await psql(`CREATE ROLE ${name} LOGIN; ${grants.replaceAll("ROLE", name)}`);
        ending.defer(async () => void await psql(`DROP OWNED BY ${name}; DROP ROLE ${name}`));
      },
    });
  });
}

interface MachineOptions {
  folder: string;
  address: string;
  name: string;
  streamers: readonly string[];
  services: ServiceConfig[];
}

export async function openMachine(options: MachineOptions): Promise<MachineUnderTest> {
  const { address, name: machine, streamers } = options;
  const log = silentLog();
  const opened = await PostgresRooms.open({
    address,
    durability: "normal",
    clock: systemClock,
    log,
    machine,
    keepsRooms: true,
  });
  const rooms = new Map<string, RoomUnderTest>();
  for (const streamer of streamers) {
    if (streamer !== "") await opened.streamers.add([streamer], Date.now());
    rooms.set(streamer, await openRoom(opened, streamer, { ...options, log }));
  }
  const watched = new WatchedRooms({
    openLine: opened.openMachineLine,
    rooms: {
      statuses: () =>
        [...rooms].map(([streamer, { app, monitor }]) => ({ streamer, ...roomStatus(app, monitor) })),
      open: (streamer) => {
        const room = rooms.get(streamer);
        if (room === undefined) {
          return Promise.reject(new UserError(`${machine} does not capture this room.`));
        }
        return Promise.resolve({
          control: room.control,
          rights: "all",
          ended: room.ended.promise,
          close() {},
        });
      },
    },
    machine,
    clock: quick,
    log,
  });
  watched.start();
  const close = async (streamer: string) => {
    const { app, control, ended } = rooms.get(streamer)!;
    rooms.delete(streamer);
    ended.resolve(`${machine} has closed this room.`);
    control.stop();
    await app.stop("The test is over.").catch(() => {});
  };
  let isOver = false;
  const stop = async () => {
    if (isOver) return;
    isOver = true;
    await watched.stop();
    for (const streamer of rooms.keys()) await close(streamer);
    await opened.close();
  };
  return { rooms, watched, log, close, stop };
}

async function startProcess(path: string, args: readonly string[]): Promise<ChildMachine> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", path, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.getReader();
  if ((await output.read()).done) throw new Error("The machine's process has ended.");
  return {
    kill: () => child.kill("SIGKILL"),
    hang: () => child.kill("SIGSTOP"),
    async [Symbol.asyncDispose]() {
      await output.cancel();
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    },
  };
}

async function openRoom(
  opened: PostgresRooms,
  streamer: string,
  { folder, services, log }: MachineOptions & { log: SilentLog },
): Promise<RoomUnderTest> {
  const live = new Live();
  const monitor = new Monitor(systemClock);
  const app = await App.open({
    config: configIn(folder, { services }),
    clock: systemClock,
    log,
    sources: [live.source],
    processes: "all",
    whenIdle: "stay",
    onEvent: (event) => monitor.takeEvent(event),
    onServicesChanged: monitor.changed,
    onState: () => monitor.changed(),
    openStore: async (onLost) => {
      const taken = await opened.take(streamer, { clock: systemClock, log, onLost });
      if (taken instanceof Store) return taken;
      throw new Error(`${taken.heldBy} has the room`);
    },
  });
  app.run().catch(() => {});
  const control = new ScreenControl({
    app,
    monitor,
    clock: systemClock,
    settings: usualScreen,
    recentUsers: new RecentUsers(app.kept),
    exitNow: () => {},
    openDesk: () => Promise.resolve("Opened."),
  });
  control.start();
  return { app, live, monitor, control, ended: Promise.withResolvers() };
}

/** The statements that the docs give for a moderator, in which ROLE is the moderator. */
export async function grantsInDocs(): Promise<string> {
  const page = await Deno.readTextFile(new URL("../../docs/agencies.md", import.meta.url));
  const block = /```text\n(REVOKE CREATE[^`]*)```/.exec(page)?.[1];
  if (block === undefined) throw new Error("docs/agencies.md has no grants");
  return block.split("\n").filter((line) => !line.startsWith("CREATE ROLE")).join("\n")
    .replaceAll("livecue_moderator", "ROLE");
}

/** Resolves with the first snapshot that is as wanted. */
export async function when<Shown>(
  control: { snapshot(): Shown; subscribe(listener: () => void): () => void },
  isWanted: (snapshot: Shown) => boolean,
): Promise<Shown> {
  const { promise, resolve } = Promise.withResolvers<Shown>();
  const look = () => {
    const snapshot = control.snapshot();
    if (isWanted(snapshot)) resolve(snapshot);
  };
  const stop = control.subscribe(look);
  look();
  const found = await promise;
  stop();
  return found;
}
