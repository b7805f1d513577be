import { t } from "livecue/language";
import {
  BaseQueueService,
  type LiveEvent,
  type OptionsCheck,
  type OptionsSchema,
  type QueueItem,
} from "livecue/service";

interface SlowOptions {
  delay_ms: number;
}

/** Written by hand, because one number needs no library. A zod schema works as well. */
export const optionsSchema: OptionsSchema = {
  "~standard": {
    version: 1,
    vendor: "livecue",
    validate(options): OptionsCheck {
      const { delay_ms = 1000 } = options as { delay_ms?: unknown };
      if (typeof delay_ms === "number" && delay_ms >= 0) return { value: { delay_ms } };
      const message = t`found ${JSON.stringify(delay_ms)}, expected milliseconds, 0 or more`;
      return { issues: [{ message, path: ["delay_ms"] }] };
    },
  },
};

/** Takes `delay_ms` (default 1000) for each event, to watch a queue fill. Stops when the item's signal aborts. */
export default class Slow extends BaseQueueService<SlowOptions> {
  override processEvent(_event: LiveEvent, item: QueueItem): Promise<boolean> {
    const { signal } = item;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", giveUp);
        resolve(true);
      }, this.options.delay_ms);
      const giveUp = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }
}
