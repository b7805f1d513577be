/** The full-screen app: takes the terminal, and gives it back. Ink writes to it by itself, and nothing else may. */
import process from "node:process";
import type { Instance } from "ink";
import type { Lifecycle } from "../../lifecycle.ts";
import { ScreenModel, type ScreenOptions as ModelOptions } from "./screen_model.ts";
import type { TerminalStreams } from "./view/app.tsx";
import { frameRows } from "./view/frame.ts";

export interface ScreenOptions extends ModelOptions {
  /** The process's own where not given; standard input and output must then be a terminal. */
  streams?: TerminalStreams;
}

/** Loads Ink and React. Called long before the screen starts, what they take of time is shared with other work. */
export function loadApp(): Promise<typeof import("./view/app.tsx")> {
  // They look at it as they are loaded (so nothing here may load them before): a third less work a frame.
  Deno.env.set("NODE_ENV", "production");
  return import("./view/app.tsx");
}

export class Screen implements Lifecycle {
  readonly #options: ScreenOptions;
  readonly #model: ScreenModel;
  readonly #done = Promise.withResolvers<void>();
  #starting: Promise<void> | null = null;
  #ink: Instance | null = null;
  #hasStopped = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#model = new ScreenModel(options);
  }

  /** Resolves once the terminal is given back; rejects with an error of drawing. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Takes the terminal and draws the first frame. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Gives the terminal back, at once; may be called at any time, also while the process ends. */
  stop(): void {
    this.#hasStopped = true;
    this.#model.stop();
    if (this.#ink === null) this.#done.resolve();
    else this.#ink.unmount();
  }

  /** Draws all of it again, where something else may have written to the terminal. */
  readonly repaint = (): void => this.#model.repaint();

  async #start(): Promise<void> {
    const { openApp } = await loadApp();
    if (this.#hasStopped) return;
    const { streams = process, isColored } = this.#options;
    const { stdin, stdout } = streams;
    this.#model.start();
    this.#ink = openApp({ model: this.#model, draw: (state) => frameRows(state, isColored) }, {
      stdin,
      stdout,
    });
    this.#ink.waitUntilExit().finally(() => this.#model.stop()).then(
      () => this.#done.resolve(),
      this.#done.reject,
    );
  }
}
