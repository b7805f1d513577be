import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

interface DiaristOptions {
  /** What it begins and ends is written there, a line each. */
  diary: string;
  /** By the type of an event, that of the event with which it answers it. */
  answers: Record<string, string>;
  /** Type of the event in which it says of each event, outside of its item, that it has handled it; null: of none. */
  tells: string | null;
  /** Whether it goes down with comments that say so. */
  dies: boolean;
  /** It says in the log when it has begun so many items, and each time that it has begun as many again. */
  markEvery: number;
}

/** Writes down what it does, with the words of a comment as its orders: fail, die, wait. */
export default class Diarist extends BaseQueueService<DiaristOptions> {
  readonly #diary = Deno.openSync(this.options.diary, { append: true, create: true });
  /** Tells its lines from those of others that write to the same file. */
  readonly #name = crypto.randomUUID();
  #begun = 0;

  override onEventReceived(event: LiveEvent, item: QueueItem): void {
    const kind = item.isAsync ? "async" : "sync";
    this.#write(
      `begin ${item.id} ${item.attempt} ${kind} ${item.priority} ${event.id} ${event.messageId ?? "-"}`,
    );
    if (++this.#begun % this.options.markEvery === 0) this.log.info(`mark ${this.#begun}`);
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const { answers, tells, dies } = this.options;
    const order = event.type === "CommentEvent" ? event.data.comment : "";
    if (order === "wait") await new Promise<void>((resolve) => setImmediate(() => resolve()));
    if (order === "die" && dies) Deno.exit(3);
    const answer = answers[event.type];
    if (answer !== undefined) item.emit(answer, { to: event.id });
    if (tells !== null) await this.emit(tells, { of: event.id }, { id: `${event.id}` });
    const isDone = order !== "fail";
    this.#write(`${isDone ? "done" : "failed"} ${item.id} ${item.attempt}`);
    return isDone;
  }

  override onStop(): void {
    this.#diary.close();
  }

  #write(line: string): void {
    this.#diary.writeSync(new TextEncoder().encode(`${this.#name} ${line}\n`));
  }
}
