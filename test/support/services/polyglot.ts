import { t } from "livecue/language";
import { BaseQueueService } from "livecue/service";

/** Says a sentence in the user's language. */
export default class Polyglot extends BaseQueueService {
  override onStart(): void {
    this.log.info(t`Good evening, ${"Ana"}.`);
  }

  override processEvent(): boolean {
    return true;
  }
}
