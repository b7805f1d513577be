import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

interface Options {
  /** What its steps begin and end is written there, a line each. */
  diary: string;
}

const names = ["mark", "fetch", "convert", "save"];

/** Does four steps for each item, which leave a file each in the item's folder. */
export default class WorkerInSteps extends BaseQueueService<Options> {
  readonly #diary = Deno.openSync(this.options.diary, { append: true, create: true });
  #begun = 0;

  override async processEvent(_event: LiveEvent, item: QueueItem): Promise<boolean> {
    const results: string[] = [];
    for (const name of names) {
      results.push(
        await item.step(name, async (step) => {
          this.#write(`begin ${item.id} ${name} ${step.attempt} ${step.key}`);
          if (++this.#begun % 3 === 0) this.log.info(`mark ${this.#begun}`);
          Deno.writeTextFileSync(`${item.folder}/${name}`, name);
          for (let turn = 0; turn < 20; turn++) {
            await new Promise<void>((resolve) => setImmediate(() => resolve()));
          }
          return `${name} of ${item.id}`;
        }),
      );
    }
    const files = [...Deno.readDirSync(item.folder)].length;
    this.#write(`end ${item.id} ${files} ${results.join()}`);
    return true;
  }

  #write(line: string): void {
    this.#diary.writeSync(new TextEncoder().encode(`${line}\n`));
  }
}
