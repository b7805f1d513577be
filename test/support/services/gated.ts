import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

interface GatedOptions {
  /** Of a `Gate`. */
  url: string;
  hangsOnStop?: boolean;
}

/** Asks the test what becomes of each item, and waits for its answer. */
export default class Gated extends BaseQueueService<GatedOptions> {
  override async processEvent(_event: LiveEvent, item: QueueItem): Promise<boolean> {
    const response = await fetch(`${this.options.url}/${item.id}`);
    return await response.text() === "true";
  }

  override async onStop(): Promise<void> {
    this.log.info("closing");
    if (this.options.hangsOnStop) await new Promise(() => {});
  }
}
