import type { Failure } from "../failure.ts";

/** Why a worker's life is over. */
export type LifeEnd =
  | { kind: "start_failed"; failure: Failure; isMistake: boolean }
  /** `isStuck`: the worker may be in a loop, rather than gone. `wasInItem`: it died while it handled an item. */
  | { kind: "died"; failure: Failure; isStuck: boolean; wasInItem: boolean }
  | { kind: "timed_out"; failure: Failure; isStuck: boolean }
  | { kind: "stopped" };
