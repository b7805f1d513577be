/** Detects repeated messages, in little memory: a million ids take 16 MB. */
import type { Clock } from "../clock.ts";

/** TikTok's ids have this form. They are kept as 64-bit numbers. */
const plainNumber = /^[1-9][0-9]{0,18}$/;

/** The table grows when it is half full, so a search takes one or two steps. */
const firstSlotCount = 1024;

export class SeenMessages {
  readonly #horizon: { horizonMs: number; clock: Clock } | null;
  // Two generations; the older one is dropped as a whole. So an id is remembered for one to two horizons.
  #current = new Generation();
  #previous = new Generation();
  #currentSince = 0;

  /** Remembers each message for at least `horizonMs`, or forever without a horizon. */
  constructor(horizon: { horizonMs: number; clock: Clock } | null = null) {
    this.#horizon = horizon;
    if (horizon) this.#currentSince = horizon.clock.monotonic();
  }

  /** Whether this id is new in this room; remembers it. A message without an id is always new. */
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

  /** False if the set already had it. */
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

  /** False if the set already had it. */
  add(number: bigint): boolean {
    const slot = this.#slotOf(number);
    if (this.#slots[slot] === number) return false;
    this.#slots[slot] = number;
    if (++this.#size * 2 > this.#slots.length) this.#grow();
    return true;
  }

  /** The slot of the number, or the empty slot where it belongs. */
  #slotOf(number: bigint): number {
    const last = this.#slots.length - 1;
    // Ids from the same second differ in few bits. Multiplying by 2^64 / φ spreads them.
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
