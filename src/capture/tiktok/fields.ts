/** The fields of TikTok's messages as Livecue's: cleaned, bounded, and empty where they are no use. */
import { nobody, type User } from "../../event.ts";
import { cleanName, cleanText } from "../../clean_text.ts";
import type { BodyOf, Common } from "./schema.ts";

/** TikTok's users: each field of a user that any message has. */
export type TikTokUser = NonNullable<BodyOf<"WebcastChatMessage">["user"]>;
type Identity = BodyOf<"WebcastChatMessage">["userIdentity"];
type Image = TikTokUser["avatarThumb"];
/** A text of TikTok's: a pattern, and the pieces (names, numbers, gifts) that stand in it. */
export type Phrase = Common["displayText"];

/** In graphemes. */
export const maxTextLength = 500;
/** Of the lists in a message, such as a poll's options. */
export const maxListLength = 50;
const maxUrlLength = 2048;
const maxIdLength = 64;

/** Badges by `sceneType`. */
const adminBadge = 1;
const subscriberBadges = [4, 7];

export function userOf(user: TikTokUser | undefined, identity?: Identity): User {
  if (user === undefined) return { ...nobody, roles: [] };
  const badges = user.badgeList.map((badge) => Number(badge.sceneType));
  const roles: User["roles"] = [];
  if (identity?.isModeratorOfAnchor || user.userAttr?.isAdmin || badges.includes(adminBadge)) {
    roles.push("moderator");
  }
  if (identity?.isSubscriberOfAnchor || subscriberBadges.some((badge) => badges.includes(badge))) {
    roles.push("subscriber");
  }
  const follows = (user.followInfo?.followStatus ?? "0") !== "0";
  if (identity?.isFollowerOfAnchor || identity?.isMutualFollowingWithAnchor || follows) {
    roles.push("follower");
  }
  return {
    id: idOf(user.id),
    uniqueId: cleanName(user.displayId),
    nickname: cleanName(user.nickname),
    avatarUrl: imageUrl(user.avatarThumb),
    roles,
  };
}

/** The first user whom a phrase names. */
export function userIn(phrase: Phrase): TikTokUser | undefined {
  return phrase?.pieces.find((piece) => piece.userValue?.user !== undefined)?.userValue?.user;
}

/** A phrase of TikTok's with its pieces (names, numbers, gifts) put in. */
export function render(phrase: Phrase): string {
  if (phrase === undefined) return "";
  const pieces = phrase.pieces.map((piece) =>
    piece.stringValue || piece.userValue?.user?.nickname || piece.giftValue?.nameRef?.defaultPattern || ""
  );
  return text(phrase.defaultPattern.replace(/\{(\d{1,2})(?::\w+)?\}/g, (_, index) => pieces[index] ?? ""))
    .trim();
}

export function text(value: string | undefined): string {
  return cleanText(value ?? "", maxTextLength);
}

/** TikTok's ids are decimal numbers in text; "0" is none. */
export function idOf(value: string | undefined): string {
  return value === undefined || value === "0" ? "" : cleanText(value, maxIdLength);
}

/** A count as a number: 0 for what is negative or beyond exact numbers. */
export function count(value: string | number | undefined): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** Unix milliseconds from TikTok's time, which some messages give in seconds; null where it is no time. */
export function milliseconds(time: string | undefined): number | null {
  const number = count(time);
  if (number >= 1e12 && number < 1e13) return number;
  return number >= 1e9 && number < 1e10 ? number * 1000 : null;
}

/** The first address. A cut address leads nowhere, so a long one is none. */
export function imageUrl(image: Image): string {
  const url = image?.urlList[0] ?? "";
  return url.length <= maxUrlLength && /^https?:\/\/[\x21-\x7e]+$/.test(url) ? url : "";
}
