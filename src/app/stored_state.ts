/** What a service keeps between its hand-outs and over restarts: in the database, one value at a time. */
import type { OperationLog, StateOwner } from "../operation.ts";

export interface StoredStateOptions {
  serviceId: number;
  operations: OperationLog;
  kept: CommittedValues;
}

/** What is committed. */
export interface CommittedValues {
  /** undefined where there is none. */
  value(serviceId: number, owner: StateOwner, key: string): unknown;
  has(serviceId: number, owner: StateOwner, key: string): boolean;
  /** Up to a bound. */
  count(serviceId: number, owner: StateOwner, bound: number): number;
}

/** Of a service; and, emptied with each of them, of a live and of a session. */
export const maxKeys = 10_000;

/** Owners of which the number of keys is remembered: a service, and the lives and sessions of late. */
const rememberedOwners = 16;

export class StoredState {
  readonly #options: StoredStateOptions;
  /** What is not committed yet. */
  readonly #unwritten = new Map<string, { value: unknown }>();
  /** Keys of each owner, with those that are not committed. */
  readonly #counts = new Map<string, number>();

  constructor(options: StoredStateOptions) {
    this.#options = options;
  }

  get(owner: StateOwner, key: string): unknown {
    const unwritten = this.#unwritten.get(nameOf(owner, key));
    if (unwritten !== undefined) return unwritten.value;
    return this.#options.kept.value(this.#options.serviceId, owner, key);
  }

  /** Resolves when it is committed; undefined forgets the key. Throws a sentence where it has too many. */
  set(owner: StateOwner, key: string, value: unknown): Promise<void> {
    const { serviceId, operations } = this.#options;
    this.#countKey(owner, key, value !== undefined);
    const name = nameOf(owner, key);
    const entry = { value };
    return new Promise((resolve) => {
      operations.add({ kind: "set_state", serviceId, ...owner, key, value }, () => {
        if (this.#unwritten.get(name) === entry) this.#unwritten.delete(name);
        resolve();
      });
      this.#unwritten.set(name, entry);
    });
  }

  #countKey(owner: StateOwner, key: string, isThere: boolean): void {
    if (this.#has(owner, key) === isThere) return;
    const name = nameOf(owner, "");
    const count = this.#counts.get(name) ?? this.#options.kept.count(this.#options.serviceId, owner, maxKeys);
    if (isThere && count >= maxKeys) {
      throw new Error(
        `the service keeps ${maxKeys} values already, and "${
          key.slice(0, 60)
        }" would be one more: set to undefined ` +
          "those that it needs no more, or keep them in this.database",
      );
    }
    this.#counts.delete(name);
    this.#counts.set(name, count + (isThere ? 1 : -1));
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > rememberedOwners && oldest !== undefined) this.#counts.delete(oldest);
  }

  #has(owner: StateOwner, key: string): boolean {
    const unwritten = this.#unwritten.get(nameOf(owner, key));
    if (unwritten !== undefined) return unwritten.value !== undefined;
    return this.#options.kept.has(this.#options.serviceId, owner, key);
  }
}

function nameOf({ sessionId, liveId }: StateOwner, key: string): string {
  return `${sessionId} ${liveId} ${key}`;
}
