/** Shows the rooms of a database in the terminal until the user quits, and restores it however the process exits. */
import { systemClock } from "../clock.ts";
import { RoomsScreen } from "../faces/tui/rooms/rooms_screen.ts";
import type { RoomsControl } from "../rooms_control.ts";
import type { ScreenSettings } from "../screen_settings.ts";
import { isColored } from "./command_log.ts";
import { ScreenTerminal } from "./screen_terminal.ts";
import { stopSignals } from "./signals.ts";

export interface WatchScreenOptions {
  rooms: RoomsControl;
  settings: ScreenSettings;
}

/** Resolves when the user has quit, and the terminal is restored. */
export async function showRooms({ rooms, settings }: WatchScreenOptions): Promise<void> {
  const { promise: quit, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const terminal: ScreenTerminal = new ScreenTerminal({ stop: () => terminal.stop(), onGone: end });
  const screen = new RoomsScreen({
    control: rooms,
    clock: systemClock,
    settings,
    isColored: isColored(),
    onQuit: end,
    onQuitNow: end,
    streams: terminal.streams,
  });
  const signals = stopSignals(Deno.build.os);
  for (const signal of signals) Deno.addSignalListener(signal, end);
  try {
    await terminal.show(screen);
    await quit;
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, end);
    await terminal.stop();
  }
}
