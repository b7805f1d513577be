/** Runs `act` at once when called, then at most every `everyMs`. The last call is never lost. */
export class Throttle {
  readonly #act: () => void;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isDue = false;

  constructor(act: () => void, everyMs: number) {
    this.#act = act;
    this.#everyMs = everyMs;
  }

  call(): void {
    if (this.#timer !== null) {
      this.#isDue = true;
      return;
    }
    this.#act();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#isDue) this.#callAgain();
    }, this.#everyMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = false;
  }

  #callAgain(): void {
    this.#isDue = false;
    this.call();
  }
}
