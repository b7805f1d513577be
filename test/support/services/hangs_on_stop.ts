import { BaseQueueService } from "livecue/service";

export default class HangsOnStop extends BaseQueueService {
  override processEvent(): Promise<boolean> {
    return new Promise(() => {});
  }

  override onStop(): Promise<void> {
    this.log.info("stopping");
    return new Promise(() => {});
  }
}
