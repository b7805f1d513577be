import { BaseQueueService } from "livecue/service";

/** Does nothing and always succeeds, to watch a queue move. */
export default class Dummy extends BaseQueueService {
  override processEvent(): boolean {
    return true;
  }
}
