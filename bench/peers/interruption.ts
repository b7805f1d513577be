/** Turns Ctrl-C and SIGTERM into an abort signal, so that everything that was started is stopped and removed. */
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
