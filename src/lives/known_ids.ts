/** Ids by which a source or a service repeats itself, for a day: in the database, with what is not committed yet. */
import type { Clock } from "../clock.ts";
import type { OperationLog } from "../operation.ts";
import { repeatHorizonMs } from "./live_memory.ts";

export interface KnownIdsOptions {
  clock: Clock;
  operations: OperationLog;
  store: {
    /** When an id of this owner was last used, Unix milliseconds; null where it never was, or long ago. */
    knownIdAt(owner: string, id: string): number | null;
  };
}

export class KnownIds {
  readonly #options: KnownIdsOptions;
  readonly #uncommitted = new Set<string>();

  constructor(options: KnownIdsOptions) {
    this.#options = options;
  }

  /** Whether this owner ("source:NAME" or "service:SLUG") has used the id within a day. */
  has(owner: string, id: string): boolean {
    if (this.#uncommitted.has(`${owner} ${id}`)) return true;
    const { store, clock } = this.#options;
    const knownAt = store.knownIdAt(owner, id);
    return knownAt !== null && clock.now() - knownAt < repeatHorizonMs;
  }

  /** To be called after the event of this id was added, so that both are in one transaction. */
  add(owner: string, id: string): void {
    const { operations, clock } = this.#options;
    const key = `${owner} ${id}`;
    this.#uncommitted.add(key);
    operations.add(
      { kind: "add_known_id", owner, id, at: clock.now() },
      () => this.#uncommitted.delete(key),
    );
  }
}
