import { BaseQueueService, type LiveEvent, type QueueItem, RetryLaterError } from "livecue/service";

/** Its step takes until a stop on its first try, or waits for half a minute: as the comment says. It catches all. */
export default class StepStops extends BaseQueueService {
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type !== "CommentEvent") return false;
    const { comment } = event.data;
    try {
      await item.step("work", { timeoutMs: 600_000 }, async ({ attempt, signal }) => {
        if (attempt > 1) return;
        if (comment === "waits") throw new RetryLaterError("busy", { retryAfterMs: 30_000 });
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
    } catch {
      this.log.info("the service saw the stop");
    }
    await item.step("last", () => {});
    this.log.info("the service is done");
    return true;
  }
}
