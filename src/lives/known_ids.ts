/** Ids of the last day, which detect repetitions by a source or a service: in the database, or not committed yet. */
import type { Clock } from "../clock.ts";
import type { OperationLog } from "../operation.ts";
import { repeatHorizonMs } from "./live_memory.ts";

export interface KnownIdsOptions {
  clock: Clock;
  operations: OperationLog;
  /** Whose ids they are, in a database of many rooms. */
  streamer: string;
  store: {
    /** When an id of this owner was last used, Unix milliseconds; null if never, or if it was forgotten. */
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
    const knownAt = store.knownIdAt(this.#nameOf(owner), id);
    return knownAt !== null && clock.now() - knownAt < repeatHorizonMs;
  }

  /** Call it after adding the event with this id, so that both are in one transaction. */
  add(owner: string, id: string): void {
    const { operations, clock } = this.#options;
    const key = `${owner} ${id}`;
    this.#uncommitted.add(key);
    operations.add(
      { kind: "add_known_id", owner: this.#nameOf(owner), id, at: clock.now() },
      () => this.#uncommitted.delete(key),
    );
  }

  #nameOf(owner: string): string {
    const { streamer } = this.#options;
    return streamer === "" ? owner : `${streamer} ${owner}`;
  }
}
