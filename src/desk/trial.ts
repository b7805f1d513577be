/** A test event as the services will see it. */
import { makeTestEvent } from "../app/test_event.ts";
import { systemClock } from "../clock.ts";
import type { TestEvent } from "../control.ts";
import type { LiveEvent } from "../event.ts";

/** Throws a `UserError` for impossible values, as the sending of the event does. */
export function seenEvent(test: TestEvent): LiveEvent {
  const at = systemClock.now();
  const { streak, ...captured } = makeTestEvent(test, at);
  return {
    ...captured,
    id: 0,
    sessionId: 0,
    liveId: 0,
    source: test.source ?? "",
    isHistory: false,
    isForeign: false,
    causedBy: null,
    depth: 0,
    receivedAt: at,
    isFirstOfUser: false,
    streak: streak === null ? null : { id: "test", count: streak.count, delta: streak.count, hasEnded: true },
  } as LiveEvent;
}
