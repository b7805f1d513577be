/** The full-screen app for many rooms. */
import type { ScreenState } from "../state.ts";
import { TerminalScreen } from "../terminal_screen.ts";
import type { TerminalStreams } from "../view/app.tsx";
import { frameRows } from "../view/frame.ts";
import { RoomsModel, type RoomsOptions } from "./rooms_model.ts";
import type { RoomsState } from "./state.ts";
import { roomsRows } from "./view/frame.ts";

export interface RoomsScreenOptions extends RoomsOptions {
  /** Default: the process's own streams, which must then be a terminal. */
  streams?: TerminalStreams;
}

export class RoomsScreen extends TerminalScreen<RoomsState | ScreenState> {
  constructor(options: RoomsScreenOptions) {
    const { streams, isColored } = options;
    super({
      model: new RoomsModel(options),
      draw: (state) => "kind" in state ? roomsRows(state, isColored) : frameRows(state, isColored),
      streams,
    });
  }
}
