import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Writes down the event of each item in a file, and says now and then how many there were. */
export default class Counter extends BaseQueueService<{ file: string; markEvery: number }> {
  readonly #file = Deno.openSync(this.options.file, { append: true, create: true });
  #count = 0;

  override processEvent(event: LiveEvent, _item: QueueItem): boolean {
    this.#file.writeSync(new TextEncoder().encode(`${event.id}\n`));
    if (++this.#count % this.options.markEvery === 0) this.log.info(`mark ${this.#count}`);
    return true;
  }

  override onStop(): void {
    this.#file.close();
  }
}
