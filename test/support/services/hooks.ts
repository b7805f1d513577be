import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

interface HooksOptions {
  /** The hook that throws. */
  throwing?: string;
  /** What it throws, where not "HOOK broke". */
  saying?: string;
}

/** Logs which of its hooks was called. */
export default class Hooks extends BaseQueueService<HooksOptions> {
  override async onStart(): Promise<void> {
    await this.#say("onStart");
  }

  override async onEventReceived(event: LiveEvent, item: QueueItem): Promise<void> {
    await this.#say("onEventReceived", `${event.type} ${JSON.stringify(item)}`);
  }

  override async processEvent(event: LiveEvent): Promise<boolean> {
    await this.#say("processEvent");
    return event.user.uniqueId === "ana";
  }

  override async onEventProcessed(_event: LiveEvent, _item: QueueItem, isSuccess: boolean): Promise<void> {
    await this.#say("onEventProcessed", String(isSuccess));
  }

  override async onStop(): Promise<void> {
    await this.#say("onStop");
  }

  async #say(hook: string, more = ""): Promise<void> {
    await Promise.resolve();
    this.log.info(`${hook} ${more}`.trim());
    if (this.options.throwing === hook) throw new Error(this.options.saying ?? `${hook} broke`);
  }
}
