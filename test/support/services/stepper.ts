/** Does what its comments say in steps: each word is a step. What its functions did is in `steps.log` in its folder. */
import {
  BaseQueueService,
  type LiveEvent,
  type QueueItem,
  type StepContext,
  StepError,
} from "livecue/service";

export default class Stepper extends BaseQueueService {
  readonly #turns = new Map<string, number>();

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type !== "CommentEvent") return false;
    const results: unknown[] = [];
    for (const word of event.data.comment.split(" ")) results.push(await this.#do(word, item));
    this.#note(`done ${JSON.stringify(results)}`);
    return true;
  }

  async #do(word: string, item: QueueItem): Promise<unknown> {
    const [name = "", more = ""] = word.split(":");
    if (name.startsWith("sleep")) return await item.sleep(Number(more));
    try {
      return await item.step(name, { retries: 1, backoffMs: 10 }, (step) => this.#run(name, more, step));
    } catch (thrown) {
      if (!(thrown instanceof StepError)) throw thrown;
      this.#note(`caught ${thrown.message}`);
      if (more.includes("catch")) return "caught";
      throw thrown;
    }
  }

  async #run(name: string, deed: string, step: StepContext): Promise<unknown> {
    const turn = (this.#turns.get(name) ?? 0) + 1;
    this.#turns.set(name, turn);
    this.#note(`run ${name} ${step.attempt} ${step.key.length}`);
    if (deed === "throws" || deed === "throws-catch" || (deed === "throws-once" && turn === 1)) {
      throw new Error(`${name} broke`);
    }
    if (deed === "hangs") await new Promise<never>(() => {});
    if (deed === "large") return "x".repeat(70_000);
    step.progress(0.5, name);
    return `${name} ${turn}`;
  }

  #note(text: string): void {
    Deno.writeTextFileSync(`${this.folder}/steps.log`, `${text}\n`, { append: true });
  }
}
