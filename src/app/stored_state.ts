/** A service's state, which it keeps between items and across restarts, as key-value pairs in the database. */
import type { OperationLog, StateOwner } from "../operation.ts";

export interface StoredStateOptions {
  serviceId: number;
  operations: OperationLog;
  kept: CommittedValues;
}

/** Reads committed values. */
export interface CommittedValues {
  /** Undefined if there is none. */
  value(serviceId: number, owner: StateOwner, key: string): unknown;
  has(serviceId: number, owner: StateOwner, key: string): boolean;
  /** Counts the keys up to `bound`. */
  count(serviceId: number, owner: StateOwner, bound: number): number;
}

/** The most keys per owner: a service, or a service within one live or session. */
export const maxKeys = 10_000;

/** The number of owners whose key counts are cached: the service, and its recent lives and sessions. */
const rememberedOwners = 16;

export class StoredState {
  readonly #options: StoredStateOptions;
  /** Values that are not committed yet. */
  readonly #unwritten = new Map<string, { value: unknown }>();
  /** The number of keys per owner, including uncommitted ones. */
  readonly #counts = new Map<string, number>();

  constructor(options: StoredStateOptions) {
    this.#options = options;
  }

  get(owner: StateOwner, key: string): unknown {
    const unwritten = this.#unwritten.get(nameOf(owner, key));
    if (unwritten !== undefined) return unwritten.value;
    return this.#options.kept.value(this.#options.serviceId, owner, key);
  }

  /**
   * Resolves when the value is committed; undefined deletes the key. Throws a sentence for the author if the owner has
   * too many keys.
   */
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
        `the service already keeps ${maxKeys} values, so it cannot add "${
          key.slice(0, 60)
        }": set values that it no longer needs to ` +
          "undefined, or use this.database",
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
