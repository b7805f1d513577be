/**
 * Shared memory in which a worker records the items that it has begun and ended. The worker sends the ends in groups;
 * if it dies or gets stuck, the ledger still shows which items it was handling. A worker in its own process shares no
 * memory, so it reports each start and each end at once.
 */
const usualSlots = 4096;

/** Cells before the slots: how many items were begun, and whether the main thread has given up on the worker. */
const [begun, closed, ownCells] = [0, 1, 2];

export class Ledger {
  readonly buffer: SharedArrayBuffer;
  /** Each slot holds the place of an item that has ended. */
  readonly #cells: Int32Array;

  constructor(buffer = memoryFor(usualSlots)) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  /** It knows only this many places. */
  static ofSize(slots: number): Ledger {
    return new Ledger(memoryFor(slots));
  }

  /** Counts one more begun item. Returns its place in the order of all items, from 1. */
  begin(): number {
    return Atomics.add(this.#cells, begun, 1) + 1;
  }

  end(place: number): void {
    Atomics.store(this.#cells, this.#slotOf(place), place);
  }

  get begunCount(): number {
    return Atomics.load(this.#cells, begun);
  }

  /** Called by the main thread when it gives up on the worker. */
  close(): void {
    Atomics.store(this.#cells, closed, 1);
  }

  get isClosed(): boolean {
    return Atomics.load(this.#cells, closed) === 1;
  }

  /** Knows only the last places, by default 4,096. */
  hasEnded(place: number): boolean {
    return Atomics.load(this.#cells, this.#slotOf(place)) === place;
  }

  #slotOf(place: number): number {
    return ownCells + place % (this.#cells.length - ownCells);
  }
}

function memoryFor(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer((ownCells + slots) * Int32Array.BYTES_PER_ELEMENT);
}
