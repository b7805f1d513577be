/**
 * Items in the order of their ids. New items have the highest ids, and both taking and evicting start with the oldest,
 * so adding at the back and removing from the front take constant time. Only an item that comes back, by a retry or by
 * hand, needs a search for its place.
 */
import type { QueuedItem } from "../item.ts";

/** Free slots at the front after which the array is copied. */
const cutAt = 1_000;

export class Lane {
  #items: (QueuedItem | undefined)[] = [];
  #start = 0;

  get size(): number {
    return this.#items.length - this.#start;
  }

  /** The oldest. */
  get first(): QueuedItem | undefined {
    return this.#items[this.#start];
  }

  has(id: number): boolean {
    return this.#items[this.#indexOf(id)]?.id === id;
  }

  /** Throws if the lane has an item with this id. */
  add(item: QueuedItem): void {
    const last = this.#items.at(-1);
    if (this.size === 0 || (last as QueuedItem).id < item.id) return void this.#items.push(item);
    const index = this.#indexOf(item.id);
    if (this.#items[index]?.id === item.id) {
      throw new Error(`Lane.add: item ${item.id} is in the lane already`);
    }
    this.#items.splice(index, 0, item);
  }

  /** Returns whether the item was in the lane. */
  delete(item: QueuedItem): boolean {
    if (this.#items[this.#start] === item) {
      this.#deleteFirst();
      return true;
    }
    const index = this.#indexOf(item.id);
    if (this.#items[index] !== item) return false;
    this.#items.splice(index, 1);
    return true;
  }

  /** Oldest first. */
  *values(): Generator<QueuedItem> {
    for (let index = this.#start; index < this.#items.length; index++) yield this.#items[index] as QueuedItem;
  }

  #deleteFirst(): void {
    this.#items[this.#start] = undefined;
    this.#start++;
    if (this.#start === this.#items.length) {
      this.#items = [];
      this.#start = 0;
    } else if (this.#start >= cutAt && this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
  }

  /** The index at which the item with this id is, or would be. */
  #indexOf(id: number): number {
    let [low, high] = [this.#start, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] as QueuedItem).id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
