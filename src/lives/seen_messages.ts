/** Tells messages that came before from new ones, in little memory: a million ids take 16 MB. */
import type { Clock } from "../clock.ts";

/** As TikTok's ids are; what fits is kept as a number of 64 bits. */
const plainNumber = /^[1-9][0-9]{0,18}$/;

/** Half as full as it gets before it grows, a search ends after a step or two. */
const firstSlotCount = 1024;

export class SeenMessages {
  readonly #horizon: { horizonMs: number; clock: Clock } | null;
  // Two generations, the older one dropped whole: an id is remembered for one to two horizons.
  #current = new Generation();
  #previous = new Generation();
  #currentSince = 0;

  /** Remembers each message for at least `horizonMs`, or for good without a horizon. */
  constructor(horizon: { horizonMs: number; clock: Clock } | null = null) {
    this.#horizon = horizon;
    if (horizon) this.#currentSince = horizon.clock.monotonic();
  }

  /** Whether this id was not given before in this room; it is remembered now. One without an id is always new. */
  isNew(roomId: string, messageId: string | null): boolean {
    if (messageId === null) return true;
    this.#forget();
    if (this.#previous.has(roomId, messageId)) return false;
    return this.#current.add(roomId, messageId);
  }

  #forget(): void {
    if (!this.#horizon) return;
    const { horizonMs, clock } = this.#horizon;
    const age = clock.monotonic() - this.#currentSince;
    if (age < horizonMs) return;
    this.#previous = age < 2 * horizonMs ? this.#current : new Generation();
    this.#current = new Generation();
    this.#currentSince = clock.monotonic();
  }
}

class Generation {
  readonly #numbersByRoom = new Map<string, NumberSet>();
  readonly #others = new Set<string>();

  has(roomId: string, messageId: string): boolean {
    if (!plainNumber.test(messageId)) return this.#others.has(`${roomId} ${messageId}`);
    return this.#numbersByRoom.get(roomId)?.has(BigInt(messageId)) ?? false;
  }

  /** False where it was there. */
  add(roomId: string, messageId: string): boolean {
    if (!plainNumber.test(messageId)) {
      const sizeBefore = this.#others.size;
      return this.#others.add(`${roomId} ${messageId}`).size > sizeBefore;
    }
    let numbers = this.#numbersByRoom.get(roomId);
    if (!numbers) this.#numbersByRoom.set(roomId, numbers = new NumberSet());
    return numbers.add(BigInt(messageId));
  }
}

/** A set of numbers from 1 to 2^64 - 1: a hash table with open addressing, in which 0 is an empty slot. */
class NumberSet {
  #slots = new BigUint64Array(firstSlotCount);
  #size = 0;

  has(number: bigint): boolean {
    return this.#slots[this.#slotOf(number)] === number;
  }

  /** False where it was there. */
  add(number: bigint): boolean {
    const slot = this.#slotOf(number);
    if (this.#slots[slot] === number) return false;
    this.#slots[slot] = number;
    if (++this.#size * 2 > this.#slots.length) this.#grow();
    return true;
  }

  /** Where it is, or where it would go. */
  #slotOf(number: bigint): number {
    const last = this.#slots.length - 1;
    // Ids made in one second differ in few bits: a multiplication by 2^64 / φ spreads them.
    let slot = Number(BigInt.asUintN(64, number * 0x9E3779B97F4A7C15n) >> 32n) & last;
    while (this.#slots[slot] !== 0n && this.#slots[slot] !== number) slot = (slot + 1) & last;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new BigUint64Array(old.length * 2);
    for (const number of old) {
      if (number !== 0n) this.#slots[this.#slotOf(number)] = number;
    }
  }
}
