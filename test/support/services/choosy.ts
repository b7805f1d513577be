import { BaseQueueService } from "livecue/service";
import { z } from "zod";

export const optionsSchema = z.object({ count: z.number().int(), word: z.string().default("hello") });

/** Has options that are checked. */
export default class Choosy extends BaseQueueService<z.infer<typeof optionsSchema>> {
  readonly #times = this.options.count;

  override processEvent(): boolean {
    this.log.info(Array(this.#times).fill(this.options.word).join(" "));
    return true;
  }
}
