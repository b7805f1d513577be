/** Runs the full-screen app for a run, and restores the terminal however the process exits. */
import { isDeepStrictEqual } from "node:util";
import type { App } from "../app/app.ts";
import type { Monitor } from "../app/monitor.ts";
import { lastUserKey, RecentUsers } from "../app/recent_users.ts";
import { ScreenControl } from "../app/screen_control.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config_error.ts";
import { readConfigText } from "../config/load.ts";
import type { ActionResult, Control } from "../control.ts";
import { Screen } from "../faces/tui/screen.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import type { ScreenSettings } from "../screen_settings.ts";
import { UserError } from "../user_error.ts";
import { isColored } from "./command_log.ts";
import { browse, DeskOfRun } from "./desk_of_run.ts";
import { edit } from "./editor.ts";
import { LivesValues } from "./lives_values.ts";
import { ScreenTerminal } from "./screen_terminal.ts";

export interface ScreenRunOptions {
  app: App;
  monitor: Monitor;
  /** The path of the config for the editor. Creates the config if it does not exist. */
  configPath: () => Promise<string>;
  /** What a save of this text changes, as a sentence. Throws a `UserError` if the text has a mistake. */
  describeSave: (text: string) => string;
  /** Exits within a moment, for a second quit. */
  endNow: () => void;
  /** Of the run. */
  config: Pick<Config, "database" | "screen">;
  /** The database of real lives, if this run is a rehearsal; otherwise null. */
  livesDatabase: string | null;
  log: Log;
}

/** Shows the screen from `start` to `stop`. Restores the terminal even if the process exits in another way. */
export class ScreenRun implements Lifecycle {
  readonly #options: ScreenRunOptions;
  readonly #control: ScreenControl;
  readonly #recentUsers: RecentUsers;
  readonly #screen: Screen;
  readonly #terminal: ScreenTerminal;
  readonly #desk: DeskOfRun;
  #starting: Promise<void> | null = null;
  #hasStopped = false;

  constructor(options: ScreenRunOptions) {
    const { app, monitor, endNow, configPath, config, livesDatabase, log } = options;
    this.#recentUsers = new RecentUsers(
      livesDatabase === null ? app.kept : new LivesValues(livesDatabase, log),
    );
    this.#options = options;
    this.#desk = new DeskOfRun({
      configPath,
      database: config.database,
      log: log.named("desk"),
      send: (event) => this.#control.dispatch({ kind: "send_test_event", event }),
      browse,
    });
    this.#control = new ScreenControl({
      app,
      monitor,
      clock: systemClock,
      settings: config.screen,
      recentUsers: this.#recentUsers,
      exitNow: endNow,
      openDesk: () => this.#desk.open(),
    });
    this.#terminal = new ScreenTerminal({
      stop: () => this.stop(),
      onGone: () => void app.stop(t`Stopped by the user.`),
    });
    this.#screen = new Screen({
      control: this.#control,
      clock: systemClock,
      editConfig: () => this.#edit(),
      isColored: isColored(),
      streams: this.#terminal.streams,
    });
  }

  /** What the screen shows and does. */
  get control(): Control {
    return this.#control;
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Resolves when the terminal is restored, or does not read. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#control.stop();
    const restored = this.#terminal.stop();
    await this.#desk.stop();
    await restored;
  }

  /** Shows the screen as a changed config says. */
  setSettings(settings: ScreenSettings): void {
    if (isDeepStrictEqual(settings, this.#control.settings)) return;
    this.#control.settings = settings;
    this.#options.monitor.changed();
  }

  /** Sets the reason why a changed config was not applied; null if it was. */
  setConfigError(text: string | null): void {
    this.#control.configError = text;
    this.#options.monitor.changed();
  }

  /** Whether another program has the terminal. */
  get isLent(): boolean {
    return this.#terminal.isLent;
  }

  async #start(): Promise<void> {
    if (this.#hasStopped) return;
    this.#control.start();
    if (await this.#terminal.show(this.#screen)) await this.#goToLastUser();
  }

  #edit(): Promise<ActionResult> {
    return this.#terminal.lentTo(async () => await this.#editConfig(await this.#options.configPath()));
  }

  async #editConfig(path: string): Promise<ActionResult> {
    const before = textOf(path);
    const failure = await edit(path);
    if (failure !== null) return { text: failure, isError: true };
    const text = textOf(path);
    if (text === before) return { text: t`The config was not changed.`, isError: false };
    if (text === null) {
      return { text: t`${path} cannot be read any more; the old settings hold.`, isError: true };
    }
    try {
      return { text: this.#options.describeSave(text), isError: false };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const why = error instanceof ConfigError ? error.reason : error.message;
      return { text: t`The config has a mistake, so the old settings hold: ${why}`, isError: true };
    }
  }

  /** Switches to the last user, if no other user is set. */
  async #goToLastUser(): Promise<void> {
    const { app, livesDatabase } = this.#options;
    const sources = app.sources();
    const users = sources.flatMap(({ type, user }) => type === "tiktok" && user !== null ? [user] : []);
    if (livesDatabase === null) { for (const user of users.toReversed()) this.#recentUsers.add(user); }
    const lastUser = app.kept.keptValue(lastUserKey) || this.#recentUsers.names[0];
    const [first] = sources;
    if (lastUser === undefined || first?.user !== null || !app.switchable.includes(first.name)) return;
    await this.#control.dispatch({ kind: "switch_user", source: first.name, username: lastUser });
  }
}

function textOf(path: string): string | null {
  try {
    return readConfigText(path);
  } catch {
    return null;
  }
}
