/** Works in steps, and does what its comments say: each word is a step. What it did is in `done` of its folder. */
import { BaseQueueService, FinalError, type LiveEvent, type QueueItem, StepError } from "livecue/service";

export const optionsSchema = {
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) =>
      Object.keys(value as object).some((key) => key !== "greeting")
        ? { issues: [{ message: "unknown option" }] }
        : { value },
  },
};

let lives = 0;

export default class Shop extends BaseQueueService<{ greeting?: string }> {
  #ticks = 0;

  override onStart(): void {
    lives++;
    this.log.info(`life ${lives}`);
    this.every(60, () => void this.#ticks++);
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type !== "CommentEvent") return false;
    item.onFailure((error) => this.#note(`cleaned up: ${error.message}`));
    const results: unknown[] = [];
    for (const word of event.data.comment.split(" ")) results.push(await this.#do(word, item));
    item.emit("ShopEvent", { results, ticks: this.#ticks });
    await this.state.set("last", results.length);
    return true;
  }

  async #do(word: string, item: QueueItem): Promise<unknown> {
    const [name = "", deed = ""] = word.split(":");
    if (name === "sleep") return await item.sleep(Number(deed));
    if (name === "beside") {
      return await item.all([
        item.step("left", () => this.#note("left")),
        item.step("right", { backoffMs: 5_000 }, (step) => {
          if (step.attempt === 1) throw new Error("not yet");
          this.#note("right");
        }),
      ]);
    }
    if (name === "loose") {
      item.step("loose", ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)))
        .catch((error) => this.log.info(error.message));
      // The item ends when the function runs.
      return await item.step("next", () => 1);
    }
    if (name === "nested") return await item.step("outer", () => item.step("inner", () => 1));
    try {
      return await item.step(name, { retries: 2, backoffMs: 20_000, timeoutMs: 200 }, async (step) => {
        if (deed === "fails") throw new Error("broken");
        if (deed === "final") throw new FinalError("sold out");
        if (deed === "large") return "x".repeat(70_000);
        if (deed === "hangs") {
          await new Promise((resolve) => step.signal.addEventListener("abort", resolve));
          throw step.signal.reason;
        }
        await Deno.writeTextFile(`${item.folder}/${name}`, step.key);
        this.#note(name);
        return `${name} ${step.attempt}`;
      });
    } catch (error) {
      if (error instanceof StepError && deed === "final") return "caught";
      throw error;
    }
  }

  #note(text: string): void {
    Deno.writeTextFileSync(`${this.folder}/done`, `${text}\n`, { append: true });
  }
}
