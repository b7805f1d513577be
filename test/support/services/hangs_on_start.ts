import { BaseQueueService } from "livecue/service";

export default class HangsOnStart extends BaseQueueService {
  override onStart(): Promise<void> {
    return new Promise(() => {});
  }

  override processEvent(): boolean {
    return true;
  }
}
