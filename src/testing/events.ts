/** Events for tests. */
import { type EventDataByType, type LiveEvent, nobody } from "../event.ts";

/** Data that most tests do not care about. */
const usualData: Record<string, object> = {
  CommentEvent: { comment: "hello", language: "en", emotes: [] },
  GiftEvent: {
    gift: { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" },
    repeatCount: 1,
    receiver: null,
  },
};

let lastId = 0;

/**
 * An event of any type, also of one that services emit, by a viewer named Ana. `data` replaces parts of a comment or
 * of a gift of one rose; of other types it is the whole data. `given` replaces other fields.
 */
export function makeEvent<Type extends string>(
  type: Type,
  data: Type extends keyof EventDataByType ? Partial<EventDataByType[Type]> : object,
  given: Partial<Omit<LiveEvent, "type" | "data">> = {},
): LiveEvent {
  const id = ++lastId;
  const isGift = type === "GiftEvent";
  return {
    id,
    sessionId: 1,
    liveId: 1,
    source: "test",
    isTest: false,
    isForeign: false,
    causedBy: null,
    depth: 0,
    roomId: "1",
    messageId: String(id),
    isHistory: false,
    createdAt: 1_700_000_000_000,
    receivedAt: 1_700_000_000_000,
    user: { ...nobody, id: "42", uniqueId: "ana", nickname: "Ana" },
    isFirstOfUser: false,
    streak: isGift ? { id: `streak ${id}`, count: 1, delta: 1, hasEnded: true } : null,
    type,
    data: { ...usualData[type], ...data },
    ...given,
  } as LiveEvent;
}
