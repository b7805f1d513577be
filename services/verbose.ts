import { t } from "livecue/language";
import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Logs each event in plain words, to show what a service receives. */
export default class Verbose extends BaseQueueService {
  override processEvent(event: LiveEvent, item: QueueItem): boolean {
    this.log.info(describe(event, item.count));
    return true;
  }
}

function describe(event: LiveEvent, count: number): string {
  const name = event.user.nickname || event.user.uniqueId || t`someone`;
  switch (event.type) {
    case "GiftEvent": {
      const { gift } = event.data;
      const diamonds = count * gift.diamondCount;
      return t`${name} sent ${count} × ${gift.name} (${diamonds} diamonds)`;
    }
    case "SubscribeEvent":
      return t`${name} subscribed`;
    case "FollowEvent":
      return t`${name} followed`;
    case "ShareEvent":
      return t`${name} shared the live`;
    case "CommentEvent":
      return `${name}: ${event.data.comment}`;
    case "LikeEvent":
      return t`${name} liked ${count} times`;
    case "JoinEvent":
      return t`${name} joined`;
    case "ViewerCountEvent":
      return t`${event.data.viewerCount} are watching`;
    default:
      return `${event.type} ${JSON.stringify(event.data)}`;
  }
}
