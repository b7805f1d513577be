/** Converts fields of TikTok's messages to Livecue's: cleaned, bounded, and empty if they are invalid. */
import { nobody, type User } from "../../event.ts";
import { cleanName, cleanText } from "../../clean_text.ts";
import type { BodyOf, Common } from "./schema.ts";

/** A user in TikTok's messages. */
export type TikTokUser = NonNullable<BodyOf<"WebcastChatMessage">["user"]>;
type Identity = BodyOf<"WebcastChatMessage">["userIdentity"];
type Image = TikTokUser["avatarThumb"];
/** A localized text of TikTok: a pattern, and the pieces (names, numbers, gifts) to insert. */
export type Phrase = Common["displayText"];

/** In graphemes. */
export const maxTextLength = 500;
/** The longest list in a message, such as a poll's options. */
export const maxListLength = 50;
const maxUrlLength = 2048;
const maxIdLength = 64;

/** `sceneType` of badges. */
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

/** The first user in a phrase. */
export function userIn(phrase: Phrase): TikTokUser | undefined {
  return phrase?.pieces.find((piece) => piece.userValue?.user !== undefined)?.userValue?.user;
}

/** A phrase with its pieces (names, numbers, gifts) inserted. */
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

/** TikTok's ids are decimal numbers as text; "0" means none. */
export function idOf(value: string | undefined): string {
  return value === undefined || value === "0" ? "" : cleanText(value, maxIdLength);
}

/** A count as a number; 0 if it is negative or not a safe integer. */
export function count(value: string | number | undefined): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** Unix milliseconds from TikTok's time, which some messages have in seconds; null if it is not a time. */
export function milliseconds(time: string | undefined): number | null {
  const number = count(time);
  if (number >= 1e12 && number < 1e13) return number;
  return number >= 1e9 && number < 1e10 ? number * 1000 : null;
}

/** The first address; "" if it is too long, because a cut address would not work. */
export function imageUrl(image: Image): string {
  const url = image?.urlList[0] ?? "";
  return url.length <= maxUrlLength && /^https?:\/\/[\x21-\x7e]+$/.test(url) ? url : "";
}
