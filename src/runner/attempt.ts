/** Calls the hooks of a service that do the work for an item. */
import type { LiveEvent } from "../event.ts";
import { type Failure, plainFailure } from "../failure.ts";
import type { BaseQueueService, QueueItem } from "../kit/service.ts";
import { t } from "../language.ts";
import { describeFailure, describeValue } from "./failure.ts";

/** `error` is what was thrown; undefined if nothing was. */
export interface Failed {
  failure: Failure;
  error?: unknown;
}

/** Null means success. */
export async function attempt(
  service: BaseQueueService,
  event: LiveEvent,
  item: QueueItem,
): Promise<Failed | null> {
  try {
    const received: unknown = service.onEventReceived(event, item);
    // Awaits only if necessary. Otherwise many async items would begin first, and then do all their work in one turn.
    if (received !== undefined) await received;
    const answer: unknown = await service.processEvent(event, item);
    if (answer === true) return null;
    const sentence = answer === false
      ? t`processEvent returned false`
      : t`processEvent returned ${describeValue(answer)}, not true or false`;
    return { failure: plainFailure(sentence) };
  } catch (error) {
    return { failure: describeFailure(error), error };
  }
}
