import { setTimeout as pause } from "node:timers/promises";
import { BaseQueueService, type LiveEvent } from "livecue/service";
import { z } from "zod";

export const optionsSchema = z.object({ name: z.string() });

const bytes = (text: string) => new TextEncoder().encode(text);

/** How many instances this worker has made. */
let made = 0;

console.log("loading");

/** Does what the comment says, beside others in its worker. */
export default class Roommate extends BaseQueueService<{ name: string }> {
  readonly #number = ++made;
  readonly #said: string[] = [];

  override async processEvent(event: LiveEvent): Promise<boolean> {
    const words = event.type === "CommentEvent" ? event.data.comment : "";
    const { name } = this.options;
    switch (words) {
      case "print":
        await pause(1);
        console.log(`${name} printed`);
        Deno.stdout.writeSync(bytes(`half a line of ${name}, `));
        return true;
      case "wait for a stop":
        this.log.info("waiting");
        await new Promise((resolve) => this.stopping.addEventListener("abort", resolve));
        return true;
      case "hang":
        return await new Promise(() => {});
      case "exit later":
        await pause(1);
        return Deno.exit(3);
      case "be stuck later":
        await pause(1);
        return this.#block();
      case "be stuck":
        return this.#block();
      case "stray error":
        setTimeout(() => {
          throw new Error(`${name} threw from a timer`);
        });
        return true;
      case "be stuck in a timer":
        setTimeout(() => this.#block(), 1);
        return true;
      case "throw":
        throw new TypeError(`the hat of ${name} is empty`);
      default:
        this.#said.push(words);
        await this.state.set("said", this.#said);
        this.log.info(`${name}, number ${this.#number}: ${this.#said.join(", ")}`);
        return true;
    }
  }

  override onStop(): void {
    this.log.info(`${this.options.name} leaves`);
  }

  /** Holds the thread up until the test has replaced the worker. */
  #block(): boolean {
    this.log.info("stuck");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    return true;
  }
}
