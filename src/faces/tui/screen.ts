/**
 * The full-screen app: takes over the terminal, and restores it. Meanwhile only Ink and the painter may write to
 * the terminal.
 */
import process from "node:process";
import type { Instance } from "ink";
import type { Lifecycle } from "../../lifecycle.ts";
import { ScreenModel, type ScreenOptions as ModelOptions } from "./screen_model.ts";
import type { TerminalStreams } from "./view/app.tsx";
import { frameRows } from "./view/frame.ts";

export interface ScreenOptions extends ModelOptions {
  /** Default: the process's own streams, which must then be a terminal. */
  streams?: TerminalStreams;
}

/** Loads Ink and React. An early call lets them load during other work. */
export function loadApp(): Promise<typeof import("./view/app.tsx")> {
  // Ink and React read it when they are loaded, so no import here may load them earlier. It saves a third of the work
  // per frame.
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

  /** Resolves when the terminal is restored. Rejects with a rendering error. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Takes over the terminal and draws the first frame. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Restores the terminal at once. May be called at any time, even while the process exits. */
  stop(): void {
    this.#hasStopped = true;
    this.#model.stop();
    if (this.#ink === null) this.#done.resolve();
    else this.#ink.unmount();
  }

  /** Redraws the whole screen after something else may have written to the terminal. */
  readonly repaint = (): void => this.#model.repaint();

  /** Restores the terminal while this runs, and then takes it over again. */
  readonly lend = (run: () => Promise<void>): Promise<void> => this.#model.lend(run);

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
