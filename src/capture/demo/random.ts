/** A seeded pseudo-random number generator. Not for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Mixed, so that neighboring seeds and those beyond 32 bits give different numbers.
    this.#state = mix(Math.trunc(seed) ^ mix(Math.floor(seed / 2 ** 32)));
  }

  /** From 0 (included) to 1 (excluded). */
  fraction(): number {
    this.#state = (this.#state + 0x9E3779B9) | 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** An integer from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  isBelow(chance: number): boolean {
    return this.fraction() < chance;
  }

  /** Milliseconds until the next event of a Poisson process with `perSecond` events on average. */
  untilNext(perSecond: number): number {
    return -Math.log(1 - this.fraction()) / perSecond * 1000;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.fraction() * values.length)] as Value;
  }

  /** One of `values`, with probabilities according to their weights. */
  pickWeighted<Value extends { weight: number }>(values: readonly Value[]): Value {
    let rest = this.fraction() * values.reduce((sum, { weight }) => sum + weight, 0);
    return values.find(({ weight }) => (rest -= weight) < 0) ?? values.at(-1) as Value;
  }
}

/** Mixes all 32 bits into an unsigned number. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21F0AAAD);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735A2D97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
