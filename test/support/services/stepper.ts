import {
  BaseQueueService,
  type LiveEvent,
  type QueueItem,
  RetryLaterError,
  type StepContext,
  StepError,
} from "livecue/service";

/**
 * Does what its comments say in steps: each word is a step, as "name:deed", and words joined by "+" are beside one
 * another. It notes what its functions did in `steps.log`, in its folder.
 */
export default class Stepper extends BaseQueueService {
  readonly #turns = new Map<string, number>();

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type !== "CommentEvent") return false;
    const results: unknown[] = [];
    for (const word of event.data.comment.split(" ")) {
      if (word === "cleans") item.onFailure((error) => this.#note(`clean up: ${error.message}`));
      else if (word === "files") Deno.writeTextFileSync(`${item.folder}/${item.attempt}`, "");
      else results.push(await item.all(word.split("+").map((each) => this.#do(each, item))));
    }
    this.#note(`done ${results.flat().join()}`);
    return true;
  }

  async #do(word: string, item: QueueItem): Promise<unknown> {
    const [name = "", deed = ""] = word.split(":");
    if (name === "sleep") return await item.sleep(Number(deed));
    if (name === "emit") return item.emit("ToldEvent", {});
    try {
      return await item.step(name, { retries: 1, backoffMs: 10, timeoutMs: 400 }, (step) => {
        if (deed === "nests") return item.step("inner", () => {});
        if (deed === "emits") return item.emit("ToldEvent", {});
        return this.#run(name, deed, step);
      });
    } catch (thrown) {
      if (!(thrown instanceof StepError)) throw thrown;
      this.#note(`caught ${thrown.message}`);
      if (deed.includes("catch")) return "caught";
      throw thrown;
    }
  }

  async #run(name: string, deed: string, step: StepContext): Promise<unknown> {
    const turn = (this.#turns.get(name) ?? 0) + 1;
    this.#turns.set(name, turn);
    this.#note(`run ${name} ${step.attempt} ${step.key.length}`);
    if (deed.startsWith("throws") && (deed !== "throws-once" || turn === 1)) throw new Error(`${name} broke`);
    if (deed === "later" && turn === 1) throw new RetryLaterError("busy", { retryAfterMs: 300 });
    if (deed.startsWith("dies") && (deed !== "dies-once" || step.attempt === 1)) Deno.exit(3);
    if (deed === "ignores") await new Promise<never>(() => {});
    if (deed === "obeys") {
      await new Promise((_, reject) => step.signal.onabort = () => reject(step.signal.reason));
    }
    if (deed === "large") return "x".repeat(70_000);
    step.progress(0.5, name);
    return `${name} ${turn}`;
  }

  #note(text: string): void {
    Deno.writeTextFileSync(`${this.folder}/steps.log`, `${text}\n`, { append: true });
  }
}
