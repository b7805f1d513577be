/** `start --all`: captures the streamers of a database that several machines share, each in a room of its own. */
import { App } from "../app/app.ts";
import { RoomKeeper, type RoomRun } from "../app/room_keeper.ts";
import { sleep, systemClock } from "../clock.ts";
import type { Config, TikTokSourceConfig } from "../config/config.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { RunObserver } from "../run_observer.ts";
import { SharedWorkers } from "../runner/shared_transport.ts";
import { serviceOfRoom } from "../service.ts";
import { isPostgresAddress } from "../database_address.ts";
import { DatabaseAway } from "../store/postgres/trouble.ts";
import { PostgresRooms } from "../store/postgres/rooms.ts";
import { Store } from "../store/store.ts";
import { observeRooms } from "../telemetry/telemetry.ts";
import { UserError } from "../user_error.ts";
import { openLog } from "./command_log.ts";
import type { CommandContext } from "./context.ts";
import { ExitGuard } from "./exit_guard.ts";
import { RunEnd } from "./run_end.ts";
import { stopLimitMs, stopSignals } from "./signals.ts";
import { logTelemetry } from "./telemetry_log.ts";
import { openTikTok } from "./source_choice.ts";

export interface StartAllOptions {
  config: Config;
  isVerbose: boolean;
  /** Slugs of the services to process. */
  processes: "all" | readonly string[];
  machine: string;
  maxStreamers: number;
  /** Over all machines. */
  connectsPerMinute: number;
  discardsPending: boolean;
}

/** Runs until a signal arrives. */
export async function startAll(options: StartAllOptions, context: CommandContext): Promise<void> {
  const tiktok = tiktokOf(options.config);
  const opened = openLog({ isVerbose: options.isVerbose, file: options.config.logFile });
  const { os } = Deno.build;
  const end = new RunEnd({
    log: opened.log,
    clock: systemClock,
    guard: new ExitGuard({ signals: stopSignals(os), limitMs: stopLimitMs(os) }),
    logLast: async (sentence) => {
      opened.log.warn(sentence);
      await opened.stop();
    },
    isTerminalLent: () => false,
    exitNow: context.exitNow,
  });
  end.start();
  try {
    await keepRooms({ ...options, tiktok, log: opened.log, end });
  } finally {
    end.stop();
    await opened.stop();
  }
}

/** The source that every room has. Throws a `UserError` if the config is not made for many rooms. */
function tiktokOf({ database, sources }: Config): TikTokSourceConfig {
  if (!isPostgresAddress(database)) {
    throw new UserError(
      t`--all needs a PostgreSQL database, which several rooms and machines can share: set "database" to its postgres:// address.`,
    );
  }
  const tiktok = sources.find((source): source is TikTokSourceConfig => source.type === "tiktok");
  if (tiktok === undefined) {
    throw new UserError(t`--all captures TikTok, but the config has no TikTok source.`);
  }
  return tiktok;
}

async function keepRooms(
  options: StartAllOptions & { tiktok: TikTokSourceConfig; log: Log; end: RunEnd },
): Promise<void> {
  const { config: { database: address, durability }, machine, maxStreamers, log, end } = options;
  const rooms = await PostgresRooms.open({
    address,
    durability,
    clock: systemClock,
    log,
    machine,
    keepsRooms: true,
  });
  const sharedWorkers = new SharedWorkers({ clock: systemClock });
  const observe = await observeRooms();
  const keeper = new RoomKeeper({
    machine,
    maxStreamers,
    streamers: rooms.streamers,
    open: (streamer) => openRoom(streamer, { ...options, rooms, sharedWorkers, observe }),
    isAway: (error) => error instanceof DatabaseAway,
    clock: systemClock,
    log,
    random: Math.random,
  });
  end.app = keeper;
  logTelemetry(log);
  log.info(t`This machine is ${machine}. It captures up to ${maxStreamers} streamers of ${rooms.name}.`);
  try {
    await keeper.run();
  } finally {
    await keeper.stop(t`Stopped.`);
    await rooms.close();
  }
}

interface RoomParts extends StartAllOptions {
  rooms: PostgresRooms;
  tiktok: TikTokSourceConfig;
  log: Log;
  sharedWorkers: SharedWorkers;
  /** null: nobody measures. */
  observe: Awaited<ReturnType<typeof observeRooms>>;
}

/** null if another machine was faster, or if the database is away. */
async function openRoom(streamer: string, parts: RoomParts): Promise<RoomRun | null> {
  const { config, rooms, tiktok, sharedWorkers, processes, discardsPending, connectsPerMinute } = parts;
  const log = logOfRoom(parts.log, streamer);
  const everyMs = Math.ceil(60_000 / connectsPerMinute);
  const whenMayConnect = async (signal: AbortSignal) => {
    const waitMs = await rooms.streamers.slot(systemClock.now(), everyMs).catch(() => everyMs);
    await sleep(systemClock, waitMs, signal);
  };
  const observer = parts.observe?.(streamer);
  const source = await openTikTok(tiktok, streamer, { log, endsWithLive: false, whenMayConnect });
  const held = new HeldRoom();
  try {
    const app = await App.open({
      config: { ...config, services: config.services.map((service) => serviceOfRoom(service, streamer)) },
      clock: systemClock,
      log,
      sources: [source],
      processes,
      whenIdle: "end",
      discardsPending,
      sharedWorkers,
      observer,
      stopLimitMs: stopLimitMs(Deno.build.os),
      openStore: async (onLost) => {
        const taken = await rooms.take(streamer, { clock: systemClock, log: log.named("store"), onLost });
        if (taken instanceof Store) return taken;
        throw held;
      },
      onSessionEnded: (session, { reason }) => log.info(t`Session ${session.id} has ended: ${reason}`),
    });
    return observer === undefined ? app : observed(app, observer);
  } catch (error) {
    if (error === held || error instanceof DatabaseAway) return null;
    throw error;
  }
}

/** The run, measured until its end. */
function observed(app: App, observer: RunObserver): RoomRun {
  const unwatch = observer.watch({ services: () => app.services.views(), sources: () => app.sources() });
  return {
    run: () => app.run().finally(unwatch),
    stop: (reason) => app.stop(reason),
    stopNow: () => app.stopNow(),
  };
}

/** Another machine has the room. */
class HeldRoom extends Error {}

/** Each line begins with the streamer. */
function logOfRoom(log: Log, streamer: string): Log {
  const tell = (level: "debug" | "info" | "warn" | "error") => (text: string) =>
    log[level](`@${streamer}: ${text}`);
  return {
    debug: tell("debug"),
    info: tell("info"),
    warn: tell("warn"),
    error: tell("error"),
    named: (from, page) => logOfRoom(log.named(from, page), streamer),
  };
}
