/** What viewers do, for the tests of pages. */
import type { LiveEvent, User } from "../../src/event.ts";
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

/** Of this moment: chats leave out what is old. */
export function commentBy(user: User, comment: string): LiveEvent {
  return makeEvent<"CommentEvent">({
    user,
    createdAt: Date.now(),
    data: { comment, language: "en", emotes: [] },
  });
}
