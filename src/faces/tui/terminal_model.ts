/** What the terminal shows, and what it passes on: the seam between a screen's state and Ink. */
import type { Key } from "ink";
import type { Size } from "./layout.ts";
import type { MouseInput } from "./terminal_input.ts";

export interface TerminalModel<State> {
  /** Another object whenever a frame may differ. */
  readonly state: State;
  /** Whether the terminal should report the mouse. */
  readonly usesMouse: boolean;
  readonly subscribe: (listener: () => void) => () => void;
  /** Takes a snapshot at once, and then after each change. */
  start(): void;
  stop(): void;
  /** Fast key presses arrive as one text. */
  readonly press: (input: string, key: Key) => void;
  /** Presses a key that types nothing, by its name. */
  readonly pressKey: (name: string) => void;
  readonly paste: (text: string) => void;
  readonly mouse: (event: MouseInput) => void;
  readonly resize: (size: Size) => void;
  /** Lends the terminal to another program. The component sets it, because it needs Ink. */
  lend: (run: () => Promise<void>) => Promise<void>;
  /** Has the terminal report the mouse, or not. The component sets it, if the config allows the mouse. */
  reportMouse: (isReporting: boolean) => void;
  /** Redraws everything, because normally only the changed rows are written. The component sets it. */
  repaint: () => void;
}
