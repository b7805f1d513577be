/** What a service keeps between its hand-outs and over restarts: in memory for reading, in the database for keeping. */
import type { OperationLog, StateOwner } from "../operation.ts";
import type { StateScope } from "../runner/feed.ts";
import type { ServiceState } from "./queue_feed.ts";

export interface StoredStateOptions {
  serviceId: number;
  operations: OperationLog;
  /** The session that "session" means now: the open one, or the last there was; null before the first. */
  sessionId: () => number | null;
  /** Reads what the database holds for a session, or for the service itself (null). */
  load: (owner: StateOwner) => Map<string, unknown>;
}

export class StoredState implements ServiceState {
  readonly #options: StoredStateOptions;
  readonly #ofService: Map<string, unknown>;
  #ofSession: { sessionId: number | null; values: Map<string, unknown> } | null = null;

  constructor(options: StoredStateOptions) {
    this.#options = options;
    this.#ofService = options.load({ sessionId: null, liveId: null });
  }

  get(scope: StateScope, key: string): unknown {
    return this.#values(scope).get(key);
  }

  /** Resolves when it is committed, rejects where the value is not JSON; undefined forgets the key. */
  set(scope: StateScope, key: string, value: unknown): Promise<void> {
    const sessionId = scope === "service" ? null : this.#options.sessionId();
    const { serviceId, operations } = this.#options;
    return new Promise((resolve) => {
      operations.add({ kind: "set_state", serviceId, sessionId, liveId: null, key, value }, resolve);
      const values = this.#values(scope);
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    });
  }

  #values(scope: StateScope): Map<string, unknown> {
    if (scope === "service") return this.#ofService;
    const sessionId = this.#options.sessionId();
    if (sessionId === null) return this.#ofService;
    if (this.#ofSession?.sessionId !== sessionId) {
      this.#ofSession = { sessionId, values: this.#options.load({ sessionId, liveId: null }) };
    }
    return this.#ofSession.values;
  }
}
