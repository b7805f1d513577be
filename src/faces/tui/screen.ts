/** The full-screen app for one run. */
import { ScreenModel, type ScreenOptions as ModelOptions } from "./screen_model.ts";
import type { ScreenState } from "./state.ts";
import { TerminalScreen } from "./terminal_screen.ts";
import type { TerminalStreams } from "./view/app.tsx";
import { frameRows } from "./view/frame.ts";

export { loadApp } from "./terminal_screen.ts";

export interface ScreenOptions extends ModelOptions {
  /** Default: the process's own streams, which must then be a terminal. */
  streams?: TerminalStreams;
}

export class Screen extends TerminalScreen<ScreenState> {
  constructor(options: ScreenOptions) {
    const { streams, isColored } = options;
    super({ model: new ScreenModel(options), draw: (state) => frameRows(state, isColored), streams });
  }
}
