/** `start --all`: captures the streamers of a database of many, each in a room of its own. */
import { App } from "../app/app.ts";
import { DatabaseRooms } from "../app/database_rooms.ts";
import { LatestLog } from "../app/latest_log.ts";
import type { Monitor } from "../app/monitor.ts";
import { OwnRooms } from "../app/own_rooms.ts";
import { flushWithin } from "../app/patient_flush.ts";
import { RoomKeeper, type RoomRun } from "../app/room_keeper.ts";
import type { AppOptions } from "../app/run_options.ts";
import { sleep, systemClock } from "../clock.ts";
import type { Config, TikTokSourceConfig } from "../config/config.ts";
import { FailureLog } from "../faces/plain/failure_log.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import { SharedWorkers } from "../runner/shared_transport.ts";
import { serviceOfRoom } from "../service.ts";
import { openRooms } from "../store/open.ts";
import type { Rooms } from "../store/rooms.ts";
import { Store } from "../store/store.ts";
import { observeRooms } from "../telemetry/telemetry.ts";
import { UserError } from "../user_error.ts";
import type { RemoteRooms } from "../watch/remote_rooms.ts";
import { WatchedRooms } from "../watch/watched_rooms.ts";
import { logTo, type OpenedLog, openLog } from "./command_log.ts";
import type { CommandContext } from "./context.ts";
import { ExitGuard } from "./exit_guard.ts";
// Evaluated only if there is a screen.
import defer * as screens from "./rooms_screen_run.ts";
import type { RoomsScreenRun, RoomsScreenRunOptions } from "./rooms_screen_run.ts";
import { RunEnd } from "./run_end.ts";
import { stopLimitMs, stopSignals } from "./signals.ts";
import { logTelemetry } from "./telemetry_log.ts";
import { openTikTok } from "./source_choice.ts";
import { watchRooms } from "./watch.ts";

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
  /** Shows the rooms on a screen instead of the plain log. */
  hasScreen: boolean;
}

/** How long to wait for the readers of the last message. */
const lastWordsMs = 500;

/** What the run has from its beginning to its end. */
interface RunParts {
  tiktok: TikTokSourceConfig;
  opened: OpenedLog;
  /** What the screen shows of the log; null without a screen. */
  latest: LatestLog | null;
  end: RunEnd;
  /** The screen, while there is one. */
  shown: { screen: RoomsScreenRun | null };
}

/** Runs until a signal arrives, or the user quits. */
export async function startAll(options: StartAllOptions, context: CommandContext): Promise<void> {
  const { isVerbose, config } = options;
  const tiktok = tiktokOf(config);
  const latest = options.hasScreen ? new LatestLog() : null;
  const opened = openLog({ isVerbose, file: config.logFile, screen: latest });
  const { os } = Deno.build;
  const shown: RunParts["shown"] = { screen: null };
  const end = new RunEnd({
    log: opened.log,
    clock: systemClock,
    guard: new ExitGuard({ signals: stopSignals(os), limitMs: stopLimitMs(os) }),
    logLast: (sentence) => logLast(sentence, { opened, shown, isVerbose }),
    isTerminalLent: () => shown.screen?.isLent ?? false,
    exitNow: context.exitNow,
  });
  end.start();
  try {
    await keepRooms(options, { tiktok, opened, latest, end, shown });
    if (shown.screen !== null) await sayLast(shown.screen, isVerbose);
  } catch (error) {
    if (error instanceof UserError) opened.fileLog.error(error.message);
    throw error;
  } finally {
    await shown.screen?.stop();
    end.stop();
    await opened.stop();
  }
}

/** The screen is gone with all that was on it, so the terminal gets a word of its own. */
async function sayLast(screen: RoomsScreenRun, isVerbose: boolean): Promise<void> {
  await screen.stop();
  const { log, stop } = openLog({ isVerbose });
  log.info(t`All rooms are closed.`);
  await stop();
}

/** Logs a sentence before the process exits: in the terminal, after the screen has restored it, and in the log file. */
async function logLast(
  sentence: string,
  { opened, shown: { screen }, isVerbose }: Pick<RunParts, "opened" | "shown"> & { isVerbose: boolean },
): Promise<void> {
  opened.log.warn(sentence);
  await screen?.stop();
  const console = screen === null ? opened : openLog({ isVerbose });
  if (screen !== null) console.log.warn(sentence);
  await Promise.all([opened.stop(lastWordsMs), console.stop(lastWordsMs)]);
}

/** The source that every room has. Throws a `UserError` if the config is not made for many rooms. */
function tiktokOf({ sources }: Config): TikTokSourceConfig {
  const tiktok = sources.find((source): source is TikTokSourceConfig => source.type === "tiktok");
  if (tiktok === undefined) {
    throw new UserError(t`--all captures TikTok, but the config has no TikTok source.`);
  }
  return tiktok;
}

async function keepRooms(options: StartAllOptions, parts: RunParts): Promise<void> {
  const { config: { database: address, durability, screen: settings }, machine, maxStreamers } = options;
  const { opened: { log }, end } = parts;
  const rooms = await openRooms({
    address,
    durability,
    clock: systemClock,
    log,
    machine,
    keepsRooms: true,
  });
  const sharedWorkers = new SharedWorkers({ clock: systemClock });
  const observe = await observeRooms();
  const own = new OwnRooms({ machine, clock: systemClock, settings });
  const watched = watchedRooms({ rooms, own, machine, log });
  const database = new DatabaseRooms(rooms.streamers);
  const keeper = new RoomKeeper({
    machine,
    maxStreamers,
    streamers: database.streamers,
    open: (streamer) => openRoom(streamer, { ...options, ...parts, log, rooms, sharedWorkers, observe, own }),
    isAway: (error) => rooms.isAway(error),
    clock: systemClock,
    log,
    random: Math.random,
  });
  end.app = { stop: (reason) => keeper.stop(reason), stopNow: () => stopNow(keeper, rooms) };
  logTelemetry(log);
  log.info(t`This machine is ${machine}. It captures up to ${maxStreamers} streamers of ${rooms.name}.`);
  if (rooms.streamers.list().length === 0) {
    log.info(t`There are no streamers yet. Add one: deno task livecue streamers add NAME`);
  }
  let all: RemoteRooms | null = null;
  try {
    own.start();
    watched?.start();
    if (parts.latest !== null && watched !== null) all = await watchRooms(address, false);
    await showRooms({ keeper, own, database: all ?? database, settings }, parts);
    await keeper.run();
  } finally {
    await all?.close();
    await watched?.stop();
    await keeper.stop(t`Stopped.`);
    own.stop();
    await rooms.close();
  }
}

/** Lets others look at the rooms from elsewhere. null if other machines do not reach the database. */
function watchedRooms(
  { rooms, own, machine, log }: { rooms: Rooms; own: OwnRooms; machine: string; log: Log },
): WatchedRooms | null {
  const { openMachineLine: openLine } = rooms;
  if (openLine === null) return null;
  return new WatchedRooms({ openLine, rooms: own, machine, clock: systemClock, log: log.named("watch") });
}

async function showRooms(
  rooms: Pick<RoomsScreenRunOptions, "keeper" | "own" | "database" | "settings">,
  { latest, end, shown }: RunParts,
): Promise<void> {
  if (latest === null) return;
  const endNow = () => void end.endNow(130, t`Stopped at once.`);
  shown.screen = new screens.RoomsScreenRun({ ...rooms, log: latest, endNow });
  await shown.screen.start();
}

/** Returns a sentence about what could not be stored, or null. */
function stopNow(keeper: RoomKeeper, rooms: Rooms): string | null {
  const unsaved = keeper.stopNow();
  try {
    rooms.closeNow();
    return unsaved;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

interface RoomParts extends StartAllOptions {
  rooms: Rooms;
  tiktok: TikTokSourceConfig;
  log: Log;
  sharedWorkers: SharedWorkers;
  /** null: nobody measures. */
  observe: Awaited<ReturnType<typeof observeRooms>>;
  own: OwnRooms;
}

/** null if another machine was faster, or if the database is away. */
async function openRoom(streamer: string, parts: RoomParts): Promise<RoomRun | null> {
  const { config, rooms, tiktok, sharedWorkers, processes, discardsPending, own } = parts;
  const monitor = own.newMonitor();
  const log = logOfRoom(parts.log, { streamer, ownLog: logTo(monitor) });
  const source = await openTikTok(tiktok, streamer, {
    log,
    endsWithLive: false,
    whenMayConnect: (signal) => waitForSlot(parts, signal),
  });
  const observer = parts.observe?.(streamer);
  const held = new HeldRoom();
  let store: Store | null = null;
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
        if (!(taken instanceof Store)) throw held;
        store = taken;
        return taken;
      },
      ...listenersOf(log, monitor),
    });
    const whenStored = async (limitMs: number) => {
      if (store !== null) await flushWithin(store.writer, systemClock, limitMs);
    };
    const hide = own.add(streamer, { app, monitor, whenStored });
    const unwatch = observer?.watch({ services: () => app.services.views(), sources: () => app.sources() });
    return runOf(app, () => {
      hide();
      unwatch?.();
    });
  } catch (error) {
    if (error === held || rooms.isAway(error)) return null;
    throw error;
  }
}

/** All machines together connect only so often. */
async function waitForSlot({ rooms, connectsPerMinute }: RoomParts, signal: AbortSignal): Promise<void> {
  const everyMs = Math.ceil(60_000 / connectsPerMinute);
  const waitMs = await rooms.streamers.slot(systemClock.now(), everyMs).catch(() => everyMs);
  await sleep(systemClock, waitMs, signal);
}

function listenersOf(log: Log, monitor: Monitor): Partial<AppOptions> {
  const failures = new FailureLog(log, systemClock);
  return {
    onState: monitor.changed,
    onServicesChanged: monitor.changed,
    onEvent: (event) => monitor.takeEvent(event),
    onSessionEnded: (session, { reason }) => log.info(t`Session ${session.id} has ended: ${reason}`),
    onItemEnded: (slug, item, end) => {
      if (end.status === "failed") failures.log(slug, item, end);
    },
  };
}

/** The run of a room, which is shown and measured until its end. */
function runOf(app: App, onEnd: () => void): RoomRun {
  return {
    run: () => app.run().finally(onEnd),
    stop: (reason) => app.stop(reason),
    stopNow: () => app.stopNow(),
  };
}

/** Another machine has the room. */
class HeldRoom extends Error {}

/** Each line begins with the streamer. `ownLog`: gets the same lines without that. */
function logOfRoom(log: Log, room: { streamer: string; ownLog: Log }): Log {
  const { streamer, ownLog } = room;
  const tell = (level: "debug" | "info" | "warn" | "error") => (text: string) => {
    log[level](`@${streamer}: ${text}`);
    ownLog[level](text);
  };
  return {
    debug: tell("debug"),
    info: tell("info"),
    warn: tell("warn"),
    error: tell("error"),
    named: (from, page) => logOfRoom(log.named(from, page), { streamer, ownLog: ownLog.named(from, page) }),
  };
}
