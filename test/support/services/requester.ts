import { BaseQueueService, type LiveEvent } from "livecue/service";

/** Requests work of itself at intervals, outside of any item, and counts in the log what it has done. */
export default class Requester extends BaseQueueService {
  #done = 0;

  override onStart(): void {
    this.every(0.05, () => this.emit("RequestEvent", {}, { toSelf: true }));
  }

  override processEvent(_event: LiveEvent): boolean {
    this.log.info(`did ${++this.#done}`);
    return true;
  }
}
