import { BaseQueueService } from "livecue/service";

/** Succeeds at everything and does nothing: to see a queue move. */
export default class Dummy extends BaseQueueService {
  override processEvent(): boolean {
    return true;
  }
}
