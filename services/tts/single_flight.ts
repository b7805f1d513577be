/** Callers who want the same value at the same time share one call that makes it. */

interface Flight<Value> {
  readonly result: Promise<Value>;
  readonly stop: AbortController;
  askers: number;
}

export class SingleFlight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();

  /**
   * The first caller's `make` serves all. Rejects as `make` does, or when the caller's signal aborts. The signal of
   * `make` aborts when the last caller has stopped waiting.
   */
  run(key: string, make: (signal: AbortSignal) => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const flight = this.#flights.get(key) ?? this.#begin(key, make);
    flight.askers++;
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const leave = () => {
      reject(signal?.reason);
      if (--flight.askers > 0) return;
      this.#forget(key, flight);
      flight.stop.abort(signal?.reason);
    };
    signal?.addEventListener("abort", leave, { once: true });
    flight.result.then(resolve, reject).finally(() => signal?.removeEventListener("abort", leave));
    return promise;
  }

  #begin(key: string, make: (signal: AbortSignal) => Promise<Value>): Flight<Value> {
    const stop = new AbortController();
    const flight = { result: Promise.try(() => make(stop.signal)), stop, askers: 0 };
    this.#flights.set(key, flight);
    const forget = () => this.#forget(key, flight);
    flight.result.then(forget, forget);
    return flight;
  }

  #forget(key: string, flight: Flight<Value>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
