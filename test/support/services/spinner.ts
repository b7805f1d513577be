import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Emits what a comment asks for, and tells of each event that it gets. */
export default class Spinner extends BaseQueueService {
  override processEvent(event: LiveEvent, item: QueueItem): boolean {
    this.log.info(`got ${event.type as string}`);
    if (event.type !== "CommentEvent") return true;
    const [word, id] = event.data.comment.split(" ");
    if (word === "spin") item.emit("SpinEvent", { prize: "hat" }, { id });
    if (word === "fail") {
      item.emit("SpinEvent", { prize: "nothing" });
      return false;
    }
    return true;
  }
}
