/**
 * A full-screen app: takes over the terminal, and restores it. Meanwhile only Ink and the painter may write to the
 * terminal.
 */
import process from "node:process";
import type { Instance } from "ink";
import type { Lifecycle } from "../../lifecycle.ts";
import type { TerminalModel } from "./terminal_model.ts";
import type { TerminalStreams } from "./view/app.tsx";

export interface TerminalScreenOptions<State> {
  model: TerminalModel<State>;
  /** Returns the rows of a frame, none wider than the window. */
  draw: (state: State) => string[];
  /** Default: the process's own streams, which must then be a terminal. */
  streams?: TerminalStreams | undefined;
}

/** Loads Ink and React. An early call lets them load during other work. */
export function loadApp(): Promise<typeof import("./view/app.tsx")> {
  // Ink and React read it when they are loaded, so no import here may load them earlier. It saves a third of the work
  // per frame.
  Deno.env.set("NODE_ENV", "production");
  return import("./view/app.tsx");
}

export class TerminalScreen<State> implements Lifecycle {
  readonly #options: TerminalScreenOptions<State>;
  readonly #done = Promise.withResolvers<void>();
  #starting: Promise<void> | null = null;
  #ink: Instance | null = null;
  #hasStopped = false;

  constructor(options: TerminalScreenOptions<State>) {
    this.#options = options;
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
    this.#options.model.stop();
    if (this.#ink === null) this.#done.resolve();
    else this.#ink.unmount();
  }

  /** Redraws the whole screen after something else may have written to the terminal. */
  readonly repaint = (): void => this.#options.model.repaint();

  /** Restores the terminal while this runs, and then takes it over again. */
  readonly lend = (run: () => Promise<void>): Promise<void> => this.#options.model.lend(run);

  async #start(): Promise<void> {
    const { openApp } = await loadApp();
    if (this.#hasStopped) return;
    const { streams = process, model, draw } = this.#options;
    const { stdin, stdout } = streams;
    model.start();
    this.#ink = openApp({ model, draw }, { stdin, stdout });
    this.#ink.waitUntilExit().finally(() => model.stop()).then(
      () => this.#done.resolve(),
      this.#done.reject,
    );
  }
}
