import { BaseQueueService, type LiveEvent } from "livecue/service";

/** Logs how many items this instance has at the moment. Each "count" stays until a stop begins. */
export default class Counting extends BaseQueueService {
  #count = 0;

  override async processEvent(event: LiveEvent): Promise<boolean> {
    const word = event.type === "CommentEvent" ? event.data.comment : "";
    if (word === "end the worker") globalThis.close();
    if (word !== "count") return true;
    this.log.info(`count ${++this.#count}`);
    await new Promise<void>((resolve) => this.stopping.addEventListener("abort", () => resolve()));
    return true;
  }
}
