import { BaseQueueService, type LiveEvent } from "livecue/service";

/** Says what happened, in the log: to see what a service gets. */
export default class Verbose extends BaseQueueService {
  override processEvent(event: LiveEvent): boolean {
    this.log.info(describe(event));
    return true;
  }
}

function describe(event: LiveEvent): string {
  const name = event.user.nickname || event.user.uniqueId || "someone";
  switch (event.type) {
    case "GiftEvent": {
      const { gift } = event.data;
      const diamonds = event.streak.delta * gift.diamondCount;
      return `${name} sent ${event.streak.delta} × ${gift.name} (${diamonds} diamonds)`;
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
      return `${name} liked ${event.streak.delta} times`;
    case "JoinEvent":
      return `${name} joined`;
    case "ViewerCountEvent":
      return `${event.data.viewerCount} are watching`;
    default:
      return `${event.type} ${JSON.stringify(event.data)}`;
  }
}
