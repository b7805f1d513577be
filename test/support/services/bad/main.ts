import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";
import type { Deed } from "./deed.ts";
import { floods } from "./floods.ts";
import { forgeries } from "./forgeries.ts";
import { hangs } from "./hangs.ts";
import { throws } from "./throws.ts";
import { values } from "./values.ts";

const deeds: Record<string, Deed> = { ...floods, ...forgeries, ...hangs, ...throws, ...values };

export interface BadOptions {
  /** The deed, as the files beside this name them; or a hook that goes wrong by itself. */
  how: string;
  /** It does it with each item of such a number; null: once, with the first. */
  every: number | null;
}

/** Does one bad thing, again and again, and handles all other events. */
export default class Bad extends BaseQueueService<BadOptions> {
  #count = 0;

  override async onStart(): Promise<void> {
    if (this.options.how === "throw in onStart") throw new Error("it cannot start");
    if (this.options.how === "hang in onStart") await new Promise(() => {});
    if (this.options.how === "flood in onStart") {
      for (let i = 0; i < 100_000; i++) this.log.info(`starting ${i}`);
    }
  }

  override onEventReceived(): void {
    if (this.options.how === "throw in onEventReceived") throw new Error("not received");
  }

  override processEvent(event: LiveEvent, item: QueueItem): boolean | Promise<boolean> {
    const { how, every } = this.options;
    const deed = deeds[how];
    if (every === null ? this.#count++ > 0 : ++this.#count % every !== 0) return true;
    return deed === undefined ? true : deed(this, event, item);
  }

  override onEventProcessed(): void {
    if (this.options.how === "throw in onEventProcessed") throw new Error("not processed");
  }

  override async onStop(): Promise<void> {
    if (this.options.how === "throw in onStop") throw new Error("it cannot stop");
    if (this.options.how === "hang in onStop") await new Promise(() => {});
  }
}
