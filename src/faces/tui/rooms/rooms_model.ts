/**
 * What the terminal shows of many rooms: the list, or the screen of the room that was opened from it. Both are in one
 * terminal, so that neither flickers nor loses a key when the other takes its place.
 */
import type { Key } from "ink";
import type { Clock } from "../../../clock.ts";
import type { ActionResult } from "../../../control.ts";
import type { Lifecycle } from "../../../lifecycle.ts";
import type { OpenedRoom, RoomsControl } from "../../../rooms_control.ts";
import type { ScreenSettings } from "../../../screen_settings.ts";
import { namedPresses } from "../key_name.ts";
import type { Size } from "../layout.ts";
import { ScreenModel, statusMs } from "../screen_model.ts";
import { SnapshotPace } from "../snapshot_pace.ts";
import type { ScreenState } from "../state.ts";
import type { MouseInput } from "../terminal_input.ts";
import type { TerminalModel } from "../terminal_model.ts";
import { pressed } from "./keys.ts";
import { initialRooms, type RoomsEffect, type RoomsMessage, type RoomsState } from "./state.ts";
import { updateRooms } from "./update.ts";

export interface RoomsOptions {
  control: RoomsControl;
  clock: Clock;
  /** Of the list; a room has its own. */
  settings: ScreenSettings;
  /** Without color the screen has no style codes at all. */
  isColored: boolean;
  /** Called at the first press of q or Ctrl-C in the list: ends this process in order. */
  onQuit: () => void;
  /** Called at the second one: ends it at once. */
  onQuitNow: () => void;
  /** Milliseconds between snapshots while things change. Default 250. */
  frameMs?: number | undefined;
}

interface Shown {
  model: ScreenModel;
  opened: OpenedRoom;
  unsubscribe: () => void;
}

type ShownState = RoomsState | ScreenState;

export class RoomsModel implements Lifecycle, TerminalModel<ShownState> {
  readonly #options: RoomsOptions;
  readonly #listeners = new Set<() => void>();
  readonly #pace: SnapshotPace;
  #state: RoomsState;
  #unsubscribe: (() => void) | null = null;
  #room: Shown | null = null;
  /** Increases with each attempt to open a room. What an earlier one brings is closed again. */
  #attempt = 0;
  #cancelExpiry = () => {};
  #isStopped = false;
  lend: TerminalModel<ShownState>["lend"] = (run) => run();
  reportMouse: TerminalModel<ShownState>["reportMouse"] = () => {};
  repaint: TerminalModel<ShownState>["repaint"] = () => {};

  constructor(options: RoomsOptions) {
    const { control, clock, settings, frameMs } = options;
    this.#options = options;
    this.#state = initialRooms(control.snapshot(), settings);
    this.#pace = new SnapshotPace({ clock, frameMs, take: () => this.#takeSnapshot() });
  }

  /** Of the room that is open, or of the list. */
  get state(): ShownState {
    return this.#room?.model.state ?? this.#state;
  }

  get usesMouse(): boolean {
    return this.#state.settings.mouse;
  }

  start(): void {
    if (this.#unsubscribe !== null || this.#isStopped) return;
    this.#unsubscribe = this.#options.control.subscribe(() => this.#snapshotSoon());
    this.#pace.now();
  }

  stop(): void {
    this.#isStopped = true;
    this.#attempt++;
    this.#unsubscribe?.();
    this.#pace.stop();
    this.#cancelExpiry();
    this.#closeRoom();
  }

  readonly subscribe = (listener: () => void): () => void => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** One press may open or close a room, and the next one is for what is shown then. */
  readonly press = (input: string, key: Key): void => {
    if (this.#room !== null) return this.#room.model.press(input, key);
    for (const { name, character } of namedPresses(input, key)) this.#pressOne(name, character);
  };

  readonly pressKey = (name: string): void => {
    if (this.#room !== null) this.#room.model.pressKey(name);
    else this.#pressOne(name, "");
  };

  readonly paste = (text: string): void => {
    if (this.#room !== null) this.#room.model.paste(text);
    else this.#send({ kind: "typed", text });
  };

  readonly mouse = (event: MouseInput): void => {
    if (this.#room !== null) this.#room.model.mouse(event);
    else this.#send({ kind: "mouse", event });
  };

  readonly resize = (size: Size): void => {
    this.#room?.model.resize(size);
    this.#send({ kind: "resized", size });
  };

  #pressOne(name: string, character: string): void {
    const message = pressed(this.#state, name, character);
    if (message !== null) this.#send(message);
  }

  #send(message: RoomsMessage): void {
    if (this.#isStopped) return;
    const { statusNumber } = this.#state;
    const { state, effects } = updateRooms(this.#state, message);
    const hasChanged = state !== this.#state;
    this.#state = state;
    if (state.statusNumber !== statusNumber) this.#expireStatus();
    for (const effect of effects) this.#carryOut(effect);
    if (hasChanged && this.#room === null) this.#tell();
  }

  readonly #tell = (): void => {
    for (const listener of this.#listeners) listener();
  };

  /** While a room is open nobody sees the list, so it takes no snapshots. */
  #snapshotSoon(): void {
    if (!this.#isStopped && this.#room === null) this.#pace.soon();
  }

  #takeSnapshot(): void {
    const snapshot = this.#options.control.snapshot();
    if (this.#room === null) this.#send({ kind: "snapshot", snapshot });
  }

  #expireStatus(): void {
    const { status, statusNumber: number } = this.#state;
    this.#cancelExpiry();
    if (status === null) return;
    this.#cancelExpiry = this.#options.clock.after(
      statusMs[status.tone],
      () => this.#send({ kind: "status_expired", number }),
    );
  }

  #carryOut(effect: RoomsEffect): void {
    const { onQuit, onQuitNow } = this.#options;
    switch (effect.kind) {
      case "open":
        return void this.#open(effect.streamer);
      case "cancel_opening":
        this.#attempt++;
        return;
      case "repaint":
        return this.repaint();
      case "quit":
        return onQuit();
      case "quit_now":
        return onQuitNow();
    }
  }

  async #open(streamer: string): Promise<void> {
    const attempt = ++this.#attempt;
    try {
      const opened = await this.#options.control.open(streamer);
      if (attempt === this.#attempt) this.#show(opened);
      else opened.close();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#send({ kind: "opened", failure: error instanceof Error ? error.message : String(error) });
    }
  }

  #show(opened: OpenedRoom): void {
    const { clock, isColored, frameMs } = this.#options;
    const { control, rights, ended } = opened;
    const model = new ScreenModel({
      control,
      clock,
      isColored,
      frameMs,
      editConfig: noConfig,
      room: { rights, theme: this.#state.theme, leave: () => this.#leave(opened, "") },
    });
    model.lend = (run) => this.lend(run);
    model.reportMouse = (isReporting) => this.reportMouse(isReporting);
    model.repaint = () => this.repaint();
    this.#send({ kind: "opened", failure: null });
    model.resize(this.#state.size);
    this.#room = { model, opened, unsubscribe: model.subscribe(this.#tell) };
    model.start();
    this.#tell();
    void ended.then((why) => this.#leave(opened, why));
  }

  /** Goes back to the list. `why`: what ended the room; "" if a key did. */
  #leave(opened: OpenedRoom, why: string): void {
    if (this.#room?.opened !== opened) return;
    const { theme } = this.#room.model.state;
    this.#closeRoom();
    this.#send({ kind: "left", why, theme });
    this.#pace.now();
    this.#tell();
  }

  #closeRoom(): void {
    const room = this.#room;
    this.#room = null;
    room?.unsubscribe();
    room?.model.stop();
    room?.opened.close();
  }
}

/** The key for it is off in a room. */
function noConfig(): Promise<ActionResult> {
  return Promise.resolve({ text: "", isError: true });
}
