import { BaseQueueService } from "livecue/service";

/** Holds its thread up for some seconds, as a long computation does. */
export default class Blocks extends BaseQueueService {
  override processEvent(): boolean {
    this.log.info("blocking");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    return true;
  }
}
