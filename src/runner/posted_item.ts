/** An item that is in the worker. */
import { plainFailure } from "../failure.ts";
import type { ItemView, Outcome } from "../item.ts";

export interface ItemInFlight {
  item: ItemView;
  eventType: string;
  /** Unix milliseconds, for display. */
  startedAt: number;
  /** How long it has been in the worker, in milliseconds. */
  runMs: number;
}

export interface PostedItem extends Omit<ItemInFlight, "runMs"> {
  /** By the monotonic clock. */
  begin: number;
  cancelTimer: () => void;
  /** Set once its time is up: whatever it answers now, it has failed. */
  timeoutError: string | null;
}

export function timedOut(sentence: string): Outcome {
  return { kind: "failed", failure: plainFailure(sentence) };
}
