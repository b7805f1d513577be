/**
 * The screen's state, managed outside of React: messages go through the reducer, and its effects are executed here. Key
 * presses take effect at once. Other changes are read when they happen, but only a few times per second.
 */
import type { Key } from "ink";
import type { Clock } from "../../clock.ts";
import type { Action, ActionResult, Control, Query, Snapshot } from "../../control.ts";
import type { Lifecycle } from "../../lifecycle.ts";
import type { RoomRights } from "../../rooms_control.ts";
import type { ThemeName } from "../../screen_settings.ts";
import { namedPresses } from "./key_name.ts";
import { pressed } from "./keys.ts";
import type { Size } from "./layout.ts";
import { SnapshotPace } from "./snapshot_pace.ts";
import { type Effect, initialState, type Message, type ScreenState } from "./state.ts";
import type { MouseInput } from "./terminal_input.ts";
import type { TerminalModel } from "./terminal_model.ts";
import { update } from "./update.ts";

export interface ScreenOptions {
  control: Control;
  clock: Clock;
  /** Opens the config in an editor, which has the terminal until this resolves. */
  editConfig: () => Promise<ActionResult>;
  /** Called at a second press of q or Ctrl-C, to quit at once. Without it, the quit action is dispatched again. */
  onQuit?: () => void;
  /** Without color the screen has no style codes at all. */
  isColored: boolean;
  /** Milliseconds between snapshots while things change. Default 250. */
  frameMs?: number | undefined;
  /** Of a room that was opened from the list of many. */
  room?: OpenedFromList | undefined;
}

export interface OpenedFromList {
  rights: RoomRights;
  /** The theme that a key chose in the list; null: that of the config. */
  theme: ThemeName | null;
  /** Goes back to the list. */
  leave: () => void;
}

/** How long a sentence stays in the status line, by its tone. */
export const statusMs = { done: 5_000, note: 5_000, error: 12_000 } as const;

/** What the component needs: the current state, change notifications, and a target for key presses. */
export class ScreenModel implements Lifecycle, TerminalModel<ScreenState> {
  readonly #options: ScreenOptions;
  readonly #listeners = new Set<() => void>();
  #state: ScreenState;
  #unsubscribe: (() => void) | null = null;
  readonly #pace: SnapshotPace;
  #cancelExpiry = () => {};
  #isStopped = false;
  lend: TerminalModel<ScreenState>["lend"] = (run) => run();
  reportMouse: TerminalModel<ScreenState>["reportMouse"] = () => {};
  repaint: TerminalModel<ScreenState>["repaint"] = () => {};

  constructor(options: ScreenOptions) {
    const { clock, frameMs, control, room } = options;
    this.#options = options;
    this.#pace = new SnapshotPace({ clock, frameMs, take: () => this.#takeSnapshot() });
    this.#state = initialState(control.snapshot(), { columns: 80, rows: 24 });
    if (room) this.#state = { ...this.#state, room: { rights: room.rights }, theme: room.theme };
  }

  get state(): ScreenState {
    return this.#state;
  }

  get usesMouse(): boolean {
    return this.#state.snapshot.settings.mouse;
  }

  start(): void {
    if (this.#unsubscribe !== null || this.#isStopped) return;
    this.#unsubscribe = this.#options.control.subscribe(() => this.#snapshotSoon());
    this.#pace.now();
    // The live may have begun long ago.
    if (this.#options.room) this.send({ kind: "opened" });
  }

  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe?.();
    this.#pace.stop();
    this.#cancelExpiry();
  }

  readonly subscribe = (listener: () => void): () => void => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly press = (input: string, key: Key): void => {
    for (const { name, character } of namedPresses(input, key)) this.#pressOne(name, character);
  };

  readonly pressKey = (name: string): void => this.#pressOne(name, "");

  readonly paste = (text: string): void => this.send({ kind: "typed", text });

  readonly mouse = (event: MouseInput): void => this.send({ kind: "mouse", event });

  #pressOne(name: string, character: string): void {
    const message = pressed(this.#state, name, character);
    if (message !== null) this.send(message);
  }

  readonly resize = (size: Size): void => this.send({ kind: "resized", size });

  readonly send = (message: Message): void => {
    if (this.#isStopped) return;
    const { statusNumber } = this.#state;
    const { state, effects } = update(this.#state, message);
    const hasChanged = state !== this.#state;
    this.#state = state;
    if (state.statusNumber !== statusNumber) this.#expireStatus();
    for (const effect of effects) this.#carryOut(effect);
    if (hasChanged) { for (const listener of this.#listeners) listener(); }
  };

  #snapshotSoon(): void {
    if (!this.#isStopped) this.#pace.soon();
  }

  #takeSnapshot(): void {
    const snapshot = this.#options.control.snapshot();
    if (!looksTheSame(snapshot, this.#state.snapshot)) this.send({ kind: "snapshot", snapshot });
  }

  #expireStatus(): void {
    const { status, statusNumber: number } = this.#state;
    this.#cancelExpiry();
    if (status === null) return;
    this.#cancelExpiry = this.#options.clock.after(
      statusMs[status.tone],
      () => this.send({ kind: "status_expired", number }),
    );
  }

  #carryOut(effect: Effect): void {
    const { control, editConfig, onQuit } = this.#options;
    switch (effect.kind) {
      case "dispatch":
        void this.#report(control.dispatch(effect.action), effect.action);
        return;
      case "query":
        void this.#ask(effect.query, effect.asked);
        return;
      case "edit_config":
        void this.#report(this.#edit(editConfig));
        return;
      case "repaint":
        this.repaint();
        return;
      case "leave_room":
        this.#options.room?.leave();
        return;
      case "quit_now":
        if (onQuit) onQuit();
        else void this.#report(control.dispatch({ kind: "quit" }));
        return;
    }
  }

  async #edit(editConfig: () => Promise<ActionResult>): Promise<ActionResult> {
    let result: ActionResult = { text: "", isError: false };
    await this.lend(async () => {
      result = await editConfig();
    });
    return result;
  }

  async #report(work: Promise<ActionResult>, action: Action | null = null): Promise<void> {
    const result = await work.catch(failed);
    this.#snapshotSoon();
    if (result.text !== "") this.send({ kind: "status", result, action });
  }

  async #ask(query: Query, asked: number): Promise<void> {
    try {
      this.send({ kind: "answered", query, answer: await this.#options.control.query(query), asked });
    } catch (error) {
      this.send({ kind: "query_failed", query, asked, why: failed(error).text });
    }
  }
}

function failed(error: unknown): ActionResult {
  return { text: error instanceof Error ? error.message : String(error), isError: true };
}

/**
 * Whether two snapshots look the same, so that no frame is needed. Durations advance by themselves, and are shown in
 * seconds.
 */
function looksTheSame(one: Snapshot, other: Snapshot): boolean {
  if (Math.floor(one.takenMs / 1_000) !== Math.floor(other.takenMs / 1_000)) return false;
  if (one.eventCount !== other.eventCount || one.events.at(-1)?.id !== other.events.at(-1)?.id) return false;
  const { takenMs: _one, events: _ones, rates: _rates, ...rest } = one;
  const { takenMs: _other, events: _others, rates: _otherRates, ...otherRest } = other;
  return JSON.stringify(rest, withoutSpans) === JSON.stringify(otherRest, withoutSpans);
}

const spans = new Set(["forMs", "inMs", "upMs", "heartbeatMs"]);

/** Keeps null, because it is a visible change when a duration appears. */
function withoutSpans(key: string, value: unknown): unknown {
  return spans.has(key) && value !== null ? 0 : value;
}
