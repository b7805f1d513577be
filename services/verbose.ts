import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Logs each event in plain words, to show what a service receives. */
export default class Verbose extends BaseQueueService {
  override processEvent(event: LiveEvent, item: QueueItem): boolean {
    this.log.info(describe(event, item.count));
    return true;
  }
}

function describe(event: LiveEvent, count: number): string {
  const name = event.user.nickname || event.user.uniqueId || "someone";
  switch (event.type) {
    case "GiftEvent": {
      const { gift } = event.data;
      const diamonds = count * gift.diamondCount;
      return `${name} sent ${count} × ${gift.name} (${diamonds} diamonds)`;
    }
    case "SubscribeEvent":
      return `${name} subscribed`;
    case "FollowEvent":
      return `${name} followed`;
    case "ShareEvent":
      return `${name} shared the live`;
    case "CommentEvent":
      return `${name}: ${event.data.comment}`;
    case "LikeEvent":
      return `${name} liked ${count} times`;
    case "JoinEvent":
      return `${name} joined`;
    case "ViewerCountEvent":
      return `${event.data.viewerCount} are watching`;
    default:
      return `${event.type} ${JSON.stringify(event.data)}`;
  }
}
