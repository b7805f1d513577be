/** Runs the full-screen app for the rooms of a machine, and restores the terminal however the process exits. */
import { AllRooms } from "../app/all_rooms.ts";
import type { LatestLog } from "../app/latest_log.ts";
import type { OwnRooms } from "../app/own_rooms.ts";
import type { RoomKeeper } from "../app/room_keeper.ts";
import { systemClock } from "../clock.ts";
import { RoomsScreen } from "../faces/tui/rooms/rooms_screen.ts";
import { counted, noun, t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { RoomsControl } from "../rooms_control.ts";
import type { ScreenSettings } from "../screen_settings.ts";
import { isColored } from "./command_log.ts";
import { ScreenTerminal } from "./screen_terminal.ts";

export interface RoomsScreenRunOptions {
  keeper: RoomKeeper;
  own: OwnRooms;
  /** Of all machines. */
  database: RoomsControl;
  log: LatestLog;
  settings: ScreenSettings;
  /** Exits within a moment, for a second quit. */
  endNow: () => void;
}

const roomNoun = noun("room");

/** Shows the rooms from `start` to `stop`. */
export class RoomsScreenRun implements Lifecycle {
  readonly #options: RoomsScreenRunOptions;
  readonly #terminal: ScreenTerminal;
  readonly #screen: RoomsScreen;
  #starting: Promise<void> | null = null;

  constructor(options: RoomsScreenRunOptions) {
    const { own, database, log, settings, endNow } = options;
    this.#options = options;
    this.#terminal = new ScreenTerminal({ stop: () => this.stop(), onGone: () => this.#quit() });
    this.#screen = new RoomsScreen({
      control: new AllRooms({
        own,
        database,
        process: {
          status: () => ({ log: log.lines, stopping: this.#stopping() }),
          subscribe: (listener) => log.subscribe(listener),
        },
      }),
      clock: systemClock,
      settings,
      isColored: isColored(),
      onQuit: () => this.#quit(),
      onQuitNow: endNow,
      streams: this.#terminal.streams,
    });
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Resolves when the terminal is restored, or does not read. */
  async stop(): Promise<void> {
    this.#options.own.stop();
    await this.#terminal.stop();
  }

  /** Whether another program has the terminal. */
  get isLent(): boolean {
    return this.#terminal.isLent;
  }

  async #start(): Promise<void> {
    this.#options.own.start();
    await this.#terminal.show(this.#screen);
  }

  #quit(): void {
    void this.#options.keeper.stop(t`Stopped by the user.`);
  }

  /** What the stop still waits for; null unless it stops. */
  #stopping(): string | null {
    const { keeper } = this.#options;
    if (!keeper.isStopping) return null;
    const count = keeper.names.length;
    return count === 0 ? t`All rooms are closed.` : t`${counted(count, roomNoun)} still open.`;
  }
}
