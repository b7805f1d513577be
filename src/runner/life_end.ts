import type { Failure } from "../failure.ts";
import { t } from "../language.ts";

/** Why a worker's life is over. */
export type LifeEnd =
  | { kind: "start_failed"; failure: Failure; isMistake: boolean }
  /**
   * `isStuck`: the worker may be in a loop, rather than gone. `isBystander`: it died of something else than this
   * service. `wasInItem`: it died while it handled an item.
   */
  | { kind: "died"; failure: Failure; isStuck: boolean; isBystander: boolean; wasInItem: boolean }
  /** The machine that runs the service cannot be reached, or does not run it now. */
  | { kind: "away"; failure: Failure }
  | { kind: "timed_out"; failure: Failure; isStuck: boolean }
  | { kind: "stopped" };

export const onStopLimitMs = 2000;
/** How long running items may take to finish when the machine that runs them is stopped. */
export const leaveGraceMs = 8000;

/** What a stop says about the items that it ended. */
export function cutOff(count: number): string {
  return count === 1
    ? t`the stop cut off 1 running item: it is pending again`
    : t`the stop cut off ${count} running items: they are pending again`;
}
