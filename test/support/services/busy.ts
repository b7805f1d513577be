import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

interface BusyOptions {
  /** Whether it goes down with comments that say so. */
  dies: boolean;
  /** Type of the event with which it answers some; null: it answers none. */
  answers: string | null;
}

/** Does a little of all that services do, for hours: keeps state, speaks, shows a pane, emits, fails, dies. */
export default class Busy extends BaseQueueService<BusyOptions> {
  #count = 0;

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const { dies, answers } = this.options;
    const comment = event.type === "CommentEvent" ? event.data.comment : "";
    if (comment === "die" && dies) Deno.exit(3);
    this.#count++;
    if (this.#count % 50 === 0) await this.state.set(`seen ${event.user.id.slice(-2)}`, this.#count);
    if (this.#count % 200 === 0) this.log.info(`${this.#count} so far, the last of ${event.user.nickname}`);
    if (this.#count % 500 === 0) {
      this.show({ title: "Busy", lines: [{ label: "so far", value: `${this.#count}` }] });
    }
    if (answers !== null && comment === "spin") item.emit(answers, { for: event.user.id });
    return comment !== "fail";
  }
}
