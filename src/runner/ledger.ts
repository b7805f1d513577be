/**
 * What a worker has begun and ended, in memory that it shares with the main thread. The worker tells of ends in groups;
 * where it dies or is stuck, this still says which items it was in. A worker in a process of its own shares no memory:
 * it tells of each begin and each end at once.
 */
const slots = 4096;

/** Cells before the slots: how many were begun, and whether the main thread has given up the worker. */
const [begun, closed, ownCells] = [0, 1, 2];

export class Ledger {
  readonly buffer: SharedArrayBuffer;
  /** In each slot the place of an item that has ended. */
  readonly #cells: Int32Array;

  constructor(buffer = new SharedArrayBuffer((ownCells + slots) * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  /** Counts one more that was begun; returns its place in the order of all, from 1. */
  begin(): number {
    return Atomics.add(this.#cells, begun, 1) + 1;
  }

  end(place: number): void {
    Atomics.store(this.#cells, slotOf(place), place);
  }

  get begunCount(): number {
    return Atomics.load(this.#cells, begun);
  }

  /** By the main thread. */
  close(): void {
    Atomics.store(this.#cells, closed, 1);
  }

  get isClosed(): boolean {
    return Atomics.load(this.#cells, closed) === 1;
  }

  /** Of the last 4,096 that ended. */
  hasEnded(place: number): boolean {
    return Atomics.load(this.#cells, slotOf(place)) === place;
  }
}

function slotOf(place: number): number {
  return ownCells + place % slots;
}
