/** What viewers do, for the tests of pages. */
import type { Emote, EventDataByType, LiveEvent, User } from "../../src/event.ts";
import { makeEvent, makeGift } from "./events.ts";

export function viewer(nickname: string, given: Partial<User> = {}): User {
  return { id: nickname, uniqueId: nickname, nickname, avatarUrl: "", roles: [], ...given };
}

export function follow(nickname: string, createdAt = 1_700_000_000_000): LiveEvent {
  return makeEvent<"FollowEvent">({
    type: "FollowEvent",
    createdAt,
    data: { followerCount: 1 },
    user: viewer(nickname),
  });
}

/** Roses of one viewer. */
export function roses(nickname: string, count: number): LiveEvent {
  const streak = { id: nickname, count, delta: count, hasEnded: true };
  return makeGift({ count, user: viewer(nickname), streak });
}

/** A further rose of a viewer whose streak goes on: now it is `count`. */
export function anotherRose(nickname: string, count: number): LiveEvent {
  const streak = { id: nickname, count, delta: 1, hasEnded: false };
  return makeGift({ count, user: viewer(nickname), streak });
}

export function commentBy(user: User, comment: string, emotes: Emote[] = []): LiveEvent {
  return makeEvent<"CommentEvent">({ user, data: { comment, language: "en", emotes } });
}

/** In EUR by default. */
export function donation(nickname: string, given: Partial<EventDataByType["DonationEvent"]> = {}): LiveEvent {
  return makeEvent<"DonationEvent">({
    type: "DonationEvent",
    user: viewer(nickname),
    data: { amount: 500, currency: "EUR", provider: "kofi", message: "", isPublic: true, ...given },
  });
}
