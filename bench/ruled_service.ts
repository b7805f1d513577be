/**
 * Fills in a template for each rule that acts and logs nothing, to measure the rules without the actions they ask for.
 */
import { Rules, rulesSchema } from "livecue/rules";
import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";
import { templateSchema } from "livecue/template";
import { z } from "zod";

export const optionsSchema = z.strictObject({
  rules: rulesSchema(z.strictObject({ say: templateSchema() })),
});

export default class RuledService extends BaseQueueService<z.output<typeof optionsSchema>> {
  readonly #rules = new Rules(this.options.rules, this.state);

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    for (const { say } of await this.#rules.match(event, item)) say.fill(event, item);
    return true;
  }
}
