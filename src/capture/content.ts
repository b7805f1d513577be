/** What a message says, before it has an id, a room and a time: what decoders of every form make. */
import { type EventDataByType, type EventType, nobody, type User } from "../event.ts";
import type { CapturedEvent } from "../source.ts";

type ContentOf<Event> = Event extends CapturedEvent ? Pick<Event, "type" | "data" | "user" | "streak">
  : never;

export type Content = ContentOf<CapturedEvent>;

/** Of an event that no streak counts. */
export function plain<Type extends Exclude<EventType, "GiftEvent" | "LikeEvent">>(
  type: Type,
  data: EventDataByType[Type],
  user: User = { ...nobody, roles: [] },
): Content {
  // That the type and its data belong together is what the compiler cannot follow.
  return { type, data, user, streak: null } as Content;
}
