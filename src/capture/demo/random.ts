/** Numbers that look like chance and are the same for the same seed. Not for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighboring seeds and ones beyond 32 bits give unlike numbers too.
    this.#state = mix(Math.trunc(seed) ^ mix(Math.floor(seed / 2 ** 32)));
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    this.#state = (this.#state + 0x9E3779B9) | 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  isBelow(chance: number): boolean {
    return this.fraction() < chance;
  }

  /** Milliseconds until the next of events that come `perSecond` on average, whenever they like. */
  untilNext(perSecond: number): number {
    return -Math.log(1 - this.fraction()) / perSecond * 1000;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.fraction() * values.length)] as Value;
  }

  /** One of `values`, each as likely as its weight among all. */
  pickWeighted<Value extends { weight: number }>(values: readonly Value[]): Value {
    let rest = this.fraction() * values.reduce((sum, { weight }) => sum + weight, 0);
    return values.find(({ weight }) => (rest -= weight) < 0) ?? values.at(-1) as Value;
  }
}

/** Spreads each bit over all 32, to an unsigned number. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21F0AAAD);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735A2D97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
