/** A binary heap that can also remove a value from its middle in O(log n). */
export class PriorityHeap<T> {
  readonly #values: T[] = [];
  /** The index of each value in `#values`. A value is in the heap at most once. */
  readonly #indexes = new Map<T, number>();
  readonly #comesFirst: (a: T, b: T) => boolean;

  /** `comesFirst(a, b)` must be a strict order. Give it a tie-breaker if equal values must keep their order. */
  constructor(comesFirst: (a: T, b: T) => boolean) {
    this.#comesFirst = comesFirst;
  }

  get size(): number {
    return this.#values.length;
  }

  has(value: T): boolean {
    return this.#indexes.has(value);
  }

  peek(): T | undefined {
    return this.#values[0];
  }

  /** Throws if the value is already in the heap. */
  push(value: T): void {
    if (this.#indexes.has(value)) throw new Error("PriorityHeap.push: the value is in the heap already");
    this.#values.push(value);
    this.#rise(this.#values.length - 1);
  }

  pop(): T | undefined {
    const first = this.#values[0];
    if (first !== undefined) this.delete(first);
    return first;
  }

  /** Returns whether the value was in the heap. */
  delete(value: T): boolean {
    const index = this.#indexes.get(value);
    if (index === undefined) return false;
    this.#indexes.delete(value);
    const last = this.#values.pop() as T;
    if (index < this.#values.length) {
      this.#values[index] = last;
      this.#sink(this.#rise(index));
    }
    return true;
  }

  /** In any order. */
  values(): IterableIterator<T> {
    return this.#values.values();
  }

  #rise(start: number): number {
    let index = start;
    const value = this.#values[index] as T;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#values[above] as T;
      if (!this.#comesFirst(value, parent)) break;
      this.#place(parent, index);
      index = above;
    }
    this.#place(value, index);
    return index;
  }

  #sink(start: number): void {
    let index = start;
    const value = this.#values[index] as T;
    while (true) {
      let below = 2 * index + 1;
      if (below >= this.#values.length) break;
      const right = below + 1;
      if (
        right < this.#values.length &&
        this.#comesFirst(this.#values[right] as T, this.#values[below] as T)
      ) below = right;
      const child = this.#values[below] as T;
      if (!this.#comesFirst(child, value)) break;
      this.#place(child, index);
      index = below;
    }
    this.#place(value, index);
  }

  #place(value: T, index: number): void {
    this.#values[index] = value;
    this.#indexes.set(value, index);
  }
}
