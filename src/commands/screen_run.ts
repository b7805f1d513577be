/** The full-screen app over a run: opened in a terminal, and closed on every way out. */
import process from "node:process";
import type { App } from "../app/app.ts";
import type { Monitor } from "../app/monitor.ts";
import { lastUserKey, ScreenControl } from "../app/screen_control.ts";
import { systemClock } from "../clock.ts";
import { runScreen } from "../faces/tui/screen.ts";
import { isColored } from "./command_log.ts";
import { edit } from "./editor.ts";

export interface ScreenRunOptions {
  app: App;
  monitor: Monitor;
  /** Where the config lies, for the editor; makes it where there is none yet. */
  configPath: () => Promise<string>;
  exitNow: (code: number) => void;
}

export interface ScreenRun {
  /** For what keeps a changed config from being taken; null: nothing. */
  setConfigError(text: string | null): void;
  /** The editor has the terminal. */
  isEditing(): boolean;
  /** Gives the terminal back. May be called again. */
  close(): void;
}

/** Shows the screen until `close`. The terminal is given back also where the process ends in another way. */
export async function openScreen(options: ScreenRunOptions): Promise<ScreenRun> {
  const { app, monitor, configPath, exitNow } = options;
  const control = new ScreenControl({
    app,
    monitor,
    clock: systemClock,
    exitNow: () => {
      close();
      exitNow(130);
    },
  });
  let isEditing = false;
  const screen = await runScreen({
    control,
    clock: systemClock,
    editConfig: async () => {
      isEditing = true;
      // Ink leaves the screen at a Ctrl-C that nobody else listens for.
      process.on("SIGINT", leaveToEditor);
      try {
        return await edit(await configPath());
      } finally {
        isEditing = false;
        process.off("SIGINT", leaveToEditor);
      }
    },
    isColored: isColored(),
  });
  // A mistake in drawing must not leave a live running that nobody sees.
  screen.done.catch((error) => {
    close();
    throw error;
  });
  // An error anywhere, or an exit: what is printed then must not land on the screen.
  const endings = ["error", "unhandledrejection", "unload"] as const;
  for (const ending of endings) globalThis.addEventListener(ending, close);
  // Kept to the end of the process: what is written to a terminal that is gone fails with an event at each try.
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on("error", leaveTerminal);
  // Stopped and continued by a shell, which has written its own over the screen.
  const canContinue = Deno.build.os !== "windows";
  if (canContinue) Deno.addSignalListener("SIGCONT", screen.repaint);

  function close() {
    for (const ending of endings) globalThis.removeEventListener(ending, close);
    if (canContinue) Deno.removeSignalListener("SIGCONT", screen.repaint);
    control.close();
    screen.close();
  }

  function leaveTerminal() {
    close();
    app.stop("Stopped by the user.");
  }

  const lastUser = app.keptValue(lastUserKey);
  // What it is, when there is nobody else to capture.
  const [first] = app.sources();
  if (lastUser !== null && first?.user === null && app.switchable.includes(first.name)) {
    await control.dispatch({ kind: "switch_user", source: first.name, username: lastUser });
  }
  return { close, setConfigError: (text) => control.configError = text, isEditing: () => isEditing };
}

/** A Ctrl-C in the editor is for the editor alone. */
function leaveToEditor(): void {}
