import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

export default class Greeter extends BaseQueueService {
  override processEvent(event: LiveEvent, _item: QueueItem): boolean {
    if (event.type !== "CommentEvent") return false;
    this.log.info(`${event.user.nickname}: ${event.data.comment}`);
    return true;
  }
}
