import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Answers each event with one of its own. */
export default class Relay extends BaseQueueService<{ emits: string }> {
  override processEvent(_event: LiveEvent, item: QueueItem): boolean {
    item.emit(this.options.emits, {});
    return true;
  }
}
