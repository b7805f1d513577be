import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Runs a step for each word of a comment; the word "fails" throws. What ran is in `notes` of its folder. */
export default class StepNotes extends BaseQueueService {
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type !== "CommentEvent") return false;
    item.onFailure(async () => {
      this.#note("clean up");
      await this.state.set("isClean", true);
    });
    for (const word of event.data.comment.split(" ")) {
      if (word === "fails") throw new Error("as asked");
      await item.step(word, async (step) => {
        this.#note(`${word} ${step.key}`);
        await Deno.writeTextFile(`${item.folder}/${word}`, step.key);
        step.progress(0.5, "half");
      });
    }
    item.emit("ToldEvent", {});
    return true;
  }

  #note(text: string): void {
    Deno.writeTextFileSync(`${this.folder}/notes`, `${text}\n`, { append: true });
  }
}
