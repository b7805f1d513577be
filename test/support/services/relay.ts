import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Answers each event with one of its own, and gets it too if `toSelf` says so. */
export default class Relay extends BaseQueueService<{ emits: string; toSelf?: boolean }> {
  override processEvent(_event: LiveEvent, item: QueueItem): boolean {
    const { emits, toSelf } = this.options;
    item.emit(emits, {}, { toSelf });
    return true;
  }
}
