/** A provider of payments that sends each one again until somebody has answered that it is stored. */
import { kofiBody } from "../webhook_source.ts";
import { sleep, systemClock } from "../../../src/clock.ts";

/** Of different types, so that a service can give them different priorities. */
const types = ["Donation", "Subscription", "Shop Order"] as const;
const againAfterMs = 50;
/** A machine that was cut off never answers. */
const answerLimitMs = 3_000;

export class Payments {
  readonly #url: string;
  readonly #ending = new AbortController();
  #sent = 0;
  #answered = 0;

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}/kofi`;
  }

  /** How many are answered. Their ids are "kofi:1", "kofi:2" and so on. */
  get answered(): number {
    return this.#answered;
  }

  /** Sends so many more, several at a time; resolves when all are answered. */
  async send(count: number, atOnce = 16): Promise<void> {
    const last = this.#sent + count;
    const work = async () => {
      while (this.#sent < last && !this.#ending.signal.aborted) await this.#pay(++this.#sent);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  stop(): void {
    this.#ending.abort();
  }

  async #pay(number: number): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted && !await this.#isStored(number)) await sleep(systemClock, againAfterMs, signal);
    this.#answered++;
  }

  async #isStored(number: number): Promise<boolean> {
    const body = kofiBody({ message_id: String(number), type: types[number % types.length] });
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        body,
        signal: AbortSignal.any([this.#ending.signal, AbortSignal.timeout(answerLimitMs)]),
      });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      // Nobody listens, or the machine died before it answered.
      return false;
    }
  }
}
