/**
 * What a queue's heap is measured against: orders that do the same work in the plainest ways. Each can take its first
 * item, take in one, and remove any.
 */
export interface Order<T> {
  push(value: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
  /** Removes one that is in it. */
  delete(value: T): void;
}

/** Whether `a` comes before `b`: a strict order. */
export type ComesFirst<T> = (a: T, b: T) => boolean;

/** Found by halving, and moved up or down by the engine's own `splice`. Its first lies at the end, where taking is cheap. */
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

  /** Where it lies, or would. */
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

/** A binary heap of the textbook, which does not know where its values lie: one in the middle has to be looked for. */
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
 * A plain heap that only notes what is removed and drops it when it comes to the top, which is how a heap without places
 * is mostly made to remove. It is built anew where more than half of it is removed: else what never comes to the top
 * would stay for ever.
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
