/** Simple orders to compare a queue's heap with. Each can take its first item, add one, and remove any. */
export interface Order<T> {
  push(value: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
  /** Removes a value that the order contains. */
  delete(value: T): void;
}

/** Whether `a` comes before `b`: a strict order. */
export type ComesFirst<T> = (a: T, b: T) => boolean;

/**
 * Finds a place by binary search, and moves values with the engine's own `splice`. The first value is at the end,
 * where taking it is cheap.
 */
export class SortedArray<T> implements Order<T> {
  readonly #values: T[] = [];
  readonly #comesFirst: ComesFirst<T>;

  constructor(comesFirst: ComesFirst<T>) {
    this.#comesFirst = comesFirst;
  }

  push(value: T): void {
    this.#values.splice(this.#placeOf(value), 0, value);
  }

  peek(): T | undefined {
    return this.#values.at(-1);
  }

  pop(): T | undefined {
    return this.#values.pop();
  }

  delete(value: T): void {
    this.#values.splice(this.#placeOf(value), 1);
  }

  /** The value's index, or the index at which to insert it. */
  #placeOf(value: T): number {
    let [low, high] = [0, this.#values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#comesFirst(value, this.#values[middle] as T)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A textbook binary heap. It does not know the places of its values, so it searches for a value to remove. */
export class PlainHeap<T> implements Order<T> {
  readonly #values: T[] = [];
  readonly #comesFirst: ComesFirst<T>;

  constructor(comesFirst: ComesFirst<T>) {
    this.#comesFirst = comesFirst;
  }

  push(value: T): void {
    this.#values.push(value);
    this.#rise(this.#values.length - 1);
  }

  peek(): T | undefined {
    return this.#values[0];
  }

  pop(): T | undefined {
    const first = this.#values[0];
    if (first !== undefined) this.#removeAt(0);
    return first;
  }

  delete(value: T): void {
    this.#removeAt(this.#values.indexOf(value));
  }

  #removeAt(index: number): void {
    const last = this.#values.pop() as T;
    if (index === this.#values.length) return;
    this.#values[index] = last;
    this.#rise(index);
    this.#sink(index);
  }

  #rise(start: number): void {
    const values = this.#values;
    const value = values[start] as T;
    let index = start;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = values[above] as T;
      if (!this.#comesFirst(value, parent)) break;
      values[index] = parent;
      index = above;
    }
    values[index] = value;
  }

  #sink(start: number): void {
    const values = this.#values;
    const value = values[start] as T;
    let index = start;
    while (true) {
      let below = 2 * index + 1;
      if (below >= values.length) break;
      if (below + 1 < values.length && this.#comesFirst(values[below + 1] as T, values[below] as T)) below++;
      const child = values[below] as T;
      if (!this.#comesFirst(child, value)) break;
      values[index] = child;
      index = below;
    }
    values[index] = value;
  }
}

/**
 * A plain heap that only marks removed values and drops each when it reaches the top, the usual way to remove from
 * such a heap. It rebuilds itself when more than half of its values are removed; otherwise values that never reach the
 * top would stay forever.
 */
export class MarkingHeap<T> implements Order<T> {
  #heap: PlainHeap<T>;
  readonly #present = new Set<T>();
  #removed = 0;
  readonly #comesFirst: ComesFirst<T>;

  constructor(comesFirst: ComesFirst<T>) {
    this.#comesFirst = comesFirst;
    this.#heap = new PlainHeap(comesFirst);
  }

  push(value: T): void {
    this.#present.add(value);
    this.#heap.push(value);
  }

  peek(): T | undefined {
    while (true) {
      const first = this.#heap.peek();
      if (first === undefined || this.#present.has(first)) return first;
      this.#heap.pop();
      this.#removed--;
    }
  }

  pop(): T | undefined {
    const first = this.peek();
    if (first === undefined) return undefined;
    this.#present.delete(first);
    return this.#heap.pop();
  }

  delete(value: T): void {
    this.#present.delete(value);
    this.#removed++;
    if (this.#removed <= this.#present.size) return;
    this.#heap = new PlainHeap(this.#comesFirst);
    this.#removed = 0;
    for (const present of this.#present) this.#heap.push(present);
  }
}
