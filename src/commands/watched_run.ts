/** Lets others look at a run through its database, if that is one that they reach. */
import type { App } from "../app/app.ts";
import type { Monitor } from "../app/monitor.ts";
import { RecentUsers } from "../app/recent_users.ts";
import { roomStatus } from "../app/room_status.ts";
import { ScreenControl } from "../app/screen_control.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Control } from "../control.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import { UserError } from "../user_error.ts";
import { WatchedRooms } from "../watch/watched_rooms.ts";

export interface WatchedRunOptions {
  app: App;
  monitor: Monitor;
  /** Of the run's own screen; null: it has none. */
  control: Control | null;
  config: Pick<Config, "screen">;
  machine: string;
  log: Log;
}

/** null if the database is of this machine alone. */
export function watchedRun(options: WatchedRunOptions): Lifecycle | null {
  const { app, monitor, machine, log } = options;
  const openLine = app.machineLine();
  if (openLine === null) return null;
  const own = options.control === null ? ownControl(options) : null;
  const control = options.control ?? own as Control;
  const opened = { control, rights: "all", ended: new Promise<string>(() => {}), close() {} } as const;
  const watched = new WatchedRooms({
    openLine,
    rooms: {
      statuses: () => [{ streamer: "", ...roomStatus(app, monitor) }],
      open: (streamer) => streamer === "" ? Promise.resolve(opened) : Promise.reject(notHere(machine)),
    },
    machine,
    clock: systemClock,
    log: log.named("watch"),
  });
  return {
    start() {
      own?.start();
      watched.start();
    },
    async stop() {
      own?.stop();
      await watched.stop();
    },
  };
}

function notHere(machine: string): UserError {
  return new UserError(t`${machine} does not capture this room.`);
}

function ownControl({ app, monitor, config }: WatchedRunOptions): ScreenControl {
  return new ScreenControl({
    app,
    monitor,
    clock: systemClock,
    settings: config.screen,
    recentUsers: new RecentUsers(app.kept),
    exitNow: () => {},
    openDesk: () => Promise.reject(new UserError(t`That works only on the machine that captures the room.`)),
  });
}
