/**
 * The screen's state, managed outside of React: messages go through the reducer, and its effects are executed here. Key
 * presses take effect at once. Other changes are read when they happen, but only a few times per second.
 */
import type { Key } from "ink";
import type { Clock } from "../../clock.ts";
import type { Action, ActionResult, Control, Query, Snapshot } from "../../control.ts";
import type { Lifecycle } from "../../lifecycle.ts";
import { characterName, keyName } from "./key_name.ts";
import { pressed } from "./keys.ts";
import type { Size } from "./layout.ts";
import { type Effect, initialState, type Message, type ScreenState } from "./state.ts";
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
  frameMs?: number;
}

/** Numbers that change more often are harder to read, and twice the frames cost twice as much. */
const defaultFrameMs = 250;
/** How many snapshots may be taken ahead of the pace, after a quiet time. */
const snapshotsAhead = 3;
const statusMs = 5_000;
const errorMs = 12_000;

/** What the component needs: the current state, change notifications, and a target for key presses. */
export class ScreenModel implements Lifecycle {
  readonly #options: ScreenOptions;
  readonly #listeners = new Set<() => void>();
  #state: ScreenState;
  #unsubscribe: (() => void) | null = null;
  #cancelSnapshot: (() => void) | null = null;
  /** When the next snapshot is due at an even pace. */
  #paceAt = -Infinity;
  #cancelExpiry = () => {};
  #isStopped = false;
  /** Lends the terminal to another program. The component sets it, because it needs Ink. */
  lend: (run: () => Promise<void>) => Promise<void> = (run) => run();
  /** Has the terminal report the mouse, or not. The component sets it, if the config allows the mouse. */
  reportMouse: (isReporting: boolean) => void = () => {};
  /** Redraws everything, because normally only the changed rows are written. The component sets it. */
  repaint: () => void = () => {};

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#state = initialState(options.control.snapshot(), { columns: 80, rows: 24 });
  }

  get state(): ScreenState {
    return this.#state;
  }

  /** Takes a snapshot at once, and then after each change. */
  start(): void {
    if (this.#unsubscribe !== null || this.#isStopped) return;
    this.#unsubscribe = this.#options.control.subscribe(() => this.#snapshotSoon());
    this.#takeSnapshot();
  }

  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe?.();
    this.#cancelSnapshot?.();
    this.#cancelExpiry();
  }

  readonly subscribe = (listener: () => void): () => void => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Fast key presses arrive as one text. Each character is a press of its own. */
  readonly press = (input: string, key: Key): void => {
    const name = keyName(input, key);
    if (name !== input) this.#pressOne(name, "");
    else for (const character of input) this.#pressOne(characterName(character), character);
  };

  /** Presses a key that types nothing, by its name. */
  readonly pressKey = (name: string): void => this.#pressOne(name, "");

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

  /** Takes a snapshot in the next turn after a quiet time, which covers the first few changes; otherwise at an even pace. */
  #snapshotSoon(): void {
    if (this.#cancelSnapshot !== null || this.#isStopped) return;
    const { clock, frameMs = defaultFrameMs } = this.#options;
    const restMs = Math.max(0, this.#paceAt - snapshotsAhead * frameMs - clock.monotonic());
    this.#cancelSnapshot = clock.after(restMs, () => this.#takeSnapshot());
  }

  #takeSnapshot(): void {
    this.#cancelSnapshot = null;
    const { clock, frameMs = defaultFrameMs } = this.#options;
    this.#paceAt = Math.max(this.#paceAt, clock.monotonic()) + frameMs;
    const snapshot = this.#options.control.snapshot();
    if (!looksTheSame(snapshot, this.#state.snapshot)) this.send({ kind: "snapshot", snapshot });
  }

  #expireStatus(): void {
    const { status, statusNumber: number } = this.#state;
    this.#cancelExpiry();
    const delayMs = status?.tone === "error" ? errorMs : statusMs;
    this.#cancelExpiry = this.#options.clock.after(
      delayMs,
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
