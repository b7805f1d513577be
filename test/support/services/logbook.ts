import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

interface LogbookOptions {
  /** What it begins and ends is written there, a line each. */
  file: string;
  /** Who writes: the machine. */
  machine: string;
  /** How long an item takes. */
  itemMs: number;
}

/** Writes down when it begins and ends each item, by the computer's own clock. */
export default class Logbook extends BaseQueueService<LogbookOptions> {
  readonly #file = Deno.openSync(this.options.file, { append: true, create: true });
  /** Tells the lines of one worker from those of the next. */
  readonly #worker = crypto.randomUUID();

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    this.#write("begin", item, event);
    const { itemMs } = this.options;
    await new Promise<void>((resolve) => itemMs === 0 ? setImmediate(resolve) : setTimeout(resolve, itemMs));
    this.#write("done", item, event);
    return true;
  }

  override onStop(): void {
    this.#file.close();
  }

  #write(what: string, { id, attempt, priority }: QueueItem, event: LiveEvent): void {
    const { machine } = this.options;
    const words = [Date.now(), machine, this.#worker, what, id, attempt, priority, event.id];
    this.#file.writeSync(new TextEncoder().encode(`${words.join(" ")}\n`));
  }
}
