/** The full-screen app: takes the terminal, and gives it back. Ink writes to it by itself, and nothing else may. */
import { ScreenModel, type ScreenOptions } from "./screen_model.ts";

export interface Screen {
  /** Resolves once the terminal is given back; rejects with an error of drawing. */
  done: Promise<void>;
  /** Draws all of it again, where something else may have written to the terminal. */
  repaint(): void;
  /** Gives the terminal back, at once; may be called at any time, also twice, also while the process ends. */
  close(): void;
}

/** Opens the screen; standard input and output must be a terminal. */
export async function runScreen(options: ScreenOptions): Promise<Screen> {
  const model = new ScreenModel(options);
  // React and Ink look at it as they are loaded (so nothing here may load them before): a third less work a frame.
  Deno.env.set("NODE_ENV", "production");
  const { openApp } = await import("./view/app.tsx");
  const ink = openApp(model, options.isColored);
  const stop = model.start();
  const close = () => {
    stop();
    ink.unmount();
  };
  return { done: ink.waitUntilExit().then(() => stop()), repaint: () => model.repaint(), close };
}
