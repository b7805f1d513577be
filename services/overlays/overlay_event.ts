/** A live's event as pages are told it: only what they show, with nothing in it that could do harm. */
import type { Mask } from "livecue/blocked_words";
import type { LiveEvent, QueueItem } from "livecue/service";
import { imageUrlOf } from "./images.ts";
import type { Alert, OverlayEvent, Viewer } from "./messages.ts";

type Item = Pick<QueueItem, "id" | "count">;

export function describeEvent(
  event: LiveEvent,
  item: Item,
  { alert, mask, isTest = false }: { alert: Alert | null; mask: Mask; isTest?: boolean },
): OverlayEvent {
  const total = event.streak?.count ?? item.count;
  const gift = event.type === "GiftEvent" ? event.data.gift : null;
  return {
    id: item.id,
    type: event.type,
    at: event.createdAt,
    user: viewerOf(event, mask),
    gift: gift && {
      id: gift.id,
      name: gift.name,
      diamondCount: gift.diamondCount,
      imageUrl: imageUrlOf(gift.imageUrl),
    },
    count: item.count,
    total,
    diamonds: gift === null ? 0 : total * gift.diamondCount,
    comment: mask(textOf(event)),
    streakId: event.streak?.id ?? null,
    hasEnded: event.streak?.hasEnded ?? true,
    alert: alert && { ...alert, text: mask(alert.text) },
    isTest,
  };
}

function viewerOf({ user }: LiveEvent, mask: Mask): Viewer {
  return {
    id: user.id,
    name: mask(user.nickname || user.uniqueId),
    handle: mask(user.uniqueId),
    avatarUrl: imageUrlOf(user.avatarUrl),
    roles: user.roles,
  };
}

function textOf(event: LiveEvent): string {
  if (event.type === "CommentEvent") return event.data.comment;
  return event.type === "QuestionEvent" ? event.data.question : "";
}
