/** The content of a message, without its id, room and time: what all decoders produce. */
import { type EventDataByType, type EventType, nobody, type User } from "../event.ts";
import type { CapturedEvent } from "../source.ts";

type ContentOf<Event> = Event extends CapturedEvent ? Pick<Event, "type" | "data" | "user" | "streak">
  : never;

export type Content = ContentOf<CapturedEvent>;

/** The content of an event that has no streak. */
export function plain<Type extends Exclude<EventType, "GiftEvent" | "LikeEvent">>(
  type: Type,
  data: EventDataByType[Type],
  user: User = { ...nobody, roles: [] },
): Content {
  // The compiler cannot see that the type and its data belong together.
  return { type, data, user, streak: null } as Content;
}
