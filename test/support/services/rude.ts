import { BaseQueueService } from "livecue/service";

/** Throws what would upset a terminal. */
export default class Rude extends BaseQueueService {
  override processEvent(): boolean {
    throw new Error("\x1b[31mred\x07 and\x1b]0;title\x07");
  }
}
