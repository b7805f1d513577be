/** What a service keeps between its hand-outs and over restarts: in the database, one value at a time. */
import type { OperationLog, StateOwner } from "../operation.ts";

export interface StoredStateOptions {
  serviceId: number;
  operations: OperationLog;
  /** Reads a committed value; undefined where there is none. */
  read: (owner: StateOwner, key: string) => unknown;
}

export class StoredState {
  readonly #options: StoredStateOptions;
  /** What is not committed yet. */
  readonly #unwritten = new Map<string, { value: unknown }>();

  constructor(options: StoredStateOptions) {
    this.#options = options;
  }

  get(owner: StateOwner, key: string): unknown {
    const unwritten = this.#unwritten.get(nameOf(owner, key));
    return unwritten === undefined ? this.#options.read(owner, key) : unwritten.value;
  }

  /** Resolves when it is committed, rejects where the value is not JSON; undefined forgets the key. */
  set(owner: StateOwner, key: string, value: unknown): Promise<void> {
    const { serviceId, operations } = this.#options;
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
}

function nameOf({ sessionId, liveId }: StateOwner, key: string): string {
  return `${sessionId} ${liveId} ${key}`;
}
