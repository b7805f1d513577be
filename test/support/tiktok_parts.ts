/** Parts of TikTok's messages, filled as TikTok fills them, for messages that Livecue itself never makes. */
import {
  CommonMessageData,
  Gift as TikTokGift,
  GiftMonitorInfo,
  MessageCommonText,
  MessageRedEnvelopInfo,
  TextPiece,
  TextPieceUser,
  User as TikTokUser,
} from "tiktok-live-connector";
import { fill } from "../../src/capture/tiktok/schema.ts";
import type { Gift, User } from "../../src/event.ts";

export function commonOf(fields: Partial<CommonMessageData>): CommonMessageData {
  return fill(CommonMessageData, fields);
}

/** A text that names the user. */
export function phraseOf(key: string, user?: Pick<User, "id" | "uniqueId" | "nickname">): MessageCommonText {
  const pieces = user === undefined
    ? []
    : [fill(TextPiece, { userValue: fill(TextPieceUser, { user: tiktokUser(user) }) })];
  return fill(MessageCommonText, { key, defaultPattern: "{0:user} is in a phrase", pieces });
}

export function tiktokUser(
  { id, uniqueId, nickname }: Pick<User, "id" | "uniqueId" | "nickname">,
): TikTokUser {
  return fill(TikTokUser, { id, displayId: uniqueId, nickname });
}

export function tiktokGift({ id, name, diamondCount, isStreakable }: Gift): TikTokGift {
  return fill(TikTokGift, { id: String(id), name, diamondCount, type: isStreakable ? 1 : 2 });
}

export function monitorOf(fields: Partial<GiftMonitorInfo>): GiftMonitorInfo {
  return fill(GiftMonitorInfo, fields);
}

export function boxOf(fields: Partial<MessageRedEnvelopInfo>): MessageRedEnvelopInfo {
  return fill(MessageRedEnvelopInfo, fields);
}
