/** Events for tests, with what the test does not care about filled in. */
import { type EventOf, type EventType, type LiveEvent, nobody } from "../../src/event.ts";
import type { QueuedItem } from "../../src/item.ts";

/** A comment by default. */
export function makeEvent<Type extends EventType = "CommentEvent">(
  given: Partial<EventOf<Type>> & { type?: Type } = {},
): LiveEvent {
  return {
    id: 1,
    sessionId: 1,
    liveId: 1,
    source: "tiktok",
    isTest: false,
    isForeign: false,
    causedBy: null,
    depth: 0,
    roomId: "700",
    messageId: "1",
    isHistory: false,
    createdAt: 1_700_000_000_000,
    receivedAt: 1_700_000_000_100,
    user: { ...nobody, id: "42", uniqueId: "ana", nickname: "Ana" },
    isFirstOfUser: false,
    streak: null,
    type: "CommentEvent",
    data: { comment: "hello", language: "en", emotes: [] },
    ...given,
  } as LiveEvent;
}

/** A gift of `count` roses that does not streak, by default. */
export function makeGift(given: Partial<EventOf<"GiftEvent">> & { count?: number } = {}): LiveEvent {
  const { count = 1, ...rest } = given;
  return makeEvent<"GiftEvent">({
    type: "GiftEvent",
    data: {
      gift: { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" },
      repeatCount: count,
      receiver: null,
    },
    streak: { id: "700:42:5655:1", count, delta: count, hasEnded: true },
    ...rest,
  });
}

/** A sync item of priority 5 that is not discardable, by default. */
export function makeItem(given: Partial<QueuedItem> & { id: number }): QueuedItem {
  return {
    serviceId: 1,
    event: makeEvent(),
    priority: 5,
    isAsync: false,
    isDiscardable: false,
    count: 1,
    attempts: 0,
    failures: 0,
    crashes: 0,
    notBefore: null,
    ...given,
  };
}
