import { plainFailure } from "../failure.ts";
import type { Outcome } from "../item.ts";
import { endMistake } from "./checked_message.ts";
import type { ItemEnd } from "./protocol.ts";

/** What an item's end means, as the worker tells it. `emits`: the types that the service may emit. */
export function outcomeOf(end: ItemEnd, emits: readonly string[]): Outcome {
  const { failure, emitted, isWaiting } = end;
  const mistake = endMistake(end, emits);
  if (mistake !== null) return { kind: "failed", failure: plainFailure(`the service ${mistake}`) };
  if (isWaiting) return { kind: "waiting" };
  return failure === null ? { kind: "completed", emitted } : { kind: "failed", failure };
}
