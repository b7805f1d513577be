/** The full-screen app: takes the terminal, and gives it back. Ink writes to it by itself, and nothing else may. */
import type { Instance } from "ink";
import type { Lifecycle } from "../../lifecycle.ts";
import { ScreenModel, type ScreenOptions } from "./screen_model.ts";

export class Screen implements Lifecycle {
  readonly #model: ScreenModel;
  readonly #isColored: boolean;
  readonly #done = Promise.withResolvers<void>();
  #starting: Promise<void> | null = null;
  #ink: Instance | null = null;
  #hasStopped = false;

  constructor(options: ScreenOptions) {
    this.#model = new ScreenModel(options);
    this.#isColored = options.isColored;
  }

  /** Resolves once the terminal is given back; rejects with an error of drawing. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Takes the terminal: standard input and output must be one. */
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
    // React and Ink look at it as they are loaded (so nothing here may load them before): a third less work a frame.
    Deno.env.set("NODE_ENV", "production");
    const { openApp } = await import("./view/app.tsx");
    if (this.#hasStopped) return;
    this.#ink = openApp(this.#model, this.#isColored);
    this.#model.start();
    this.#ink.waitUntilExit().then(() => this.#model.stop()).then(this.#done.resolve, this.#done.reject);
  }
}
