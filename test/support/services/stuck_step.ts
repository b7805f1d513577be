/** Its first item has a step that ended, one that shows its progress and hangs, and one that waits for its next try. */
import { BaseQueueService, FinalError, type LiveEvent, type QueueItem } from "livecue/service";

export default class StuckStep extends BaseQueueService {
  override async processEvent(_event: LiveEvent, item: QueueItem): Promise<boolean> {
    await item.step("download", () => "file.mp4");
    const broken = Promise.withResolvers<void>();
    const upload = item.step("upload", { backoffMs: 50_000 }, () => {
      broken.resolve();
      throw new Error("there is no network");
    });
    await broken.promise;
    const convert = item.step("convert", { timeoutMs: 600_000 }, async (step) => {
      step.progress(0.405, "converting");
      // What was sent before is stored with it.
      await this.state.set("shown", true);
      this.log.info("the steps are stored");
      const ending = AbortSignal.any([step.signal, this.stopping]);
      await new Promise((resolve) => ending.addEventListener("abort", resolve));
      throw new FinalError("the service stops");
    });
    await Promise.all([upload, convert]);
    return true;
  }
}
