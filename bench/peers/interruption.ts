/** Ctrl-C and SIGTERM as a signal to abort by, so that whatever was started is stopped and removed on the way out. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #abort = () => this.#controller.abort(new Error("The benchmark was stopped."));

  constructor() {
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(name, this.#abort);
  }
}
