/** Lets events pass, or wait. */
export class Gate {
  #opening: PromiseWithResolvers<void> | null = null;

  get isClosed(): boolean {
    return this.#opening !== null;
  }

  toggle(): void {
    if (this.#opening === null) this.#opening = Promise.withResolvers();
    else {
      this.#opening.resolve();
      this.#opening = null;
    }
  }

  /** Resolves when the gate is open. Throws the signal's reason if it aborts first. */
  async opened(signal: AbortSignal): Promise<void> {
    while (this.#opening !== null) {
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      try {
        signal.throwIfAborted();
        await Promise.race([this.#opening.promise, aborted.promise]);
      } finally {
        signal.removeEventListener("abort", abort);
      }
    }
  }
}
