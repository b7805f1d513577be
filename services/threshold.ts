/** Detects that a channel is above or below a limit for some time. */
import { type Detection, Detector, type Window } from "livecue/detector";
import { t } from "livecue/language";
import { z } from "npm:zod@4.6.7";

export const optionsSchema = z.strictObject({
  channel: z.string().min(1),
  above: z.number().optional(),
  below: z.number().optional(),
  for_seconds: z.number().positive().default(30),
  every_seconds: z.number().positive().default(5),
  cooldown_seconds: z.number().nonnegative().default(600),
  max_gap_seconds: z.number().positive().default(60),
}).refine(({ above, below }) => (above === undefined) !== (below === undefined), {
  path: ["above"],
  error: () => t`Set either "above" or "below".`,
});

export default class Threshold extends Detector<z.output<typeof optionsSchema>> {
  override readonly channels = [this.options.channel];
  override readonly windowSeconds = this.options.for_seconds;
  override readonly everySeconds = this.options.every_seconds;
  override readonly cooldownSeconds = this.options.cooldown_seconds;
  override readonly maxGapSeconds = this.options.max_gap_seconds;

  override detect(window: Window): Detection | null {
    const { above = -Infinity, below = Infinity, for_seconds } = this.options;
    return window.channels.map((channel) => window.of(channel)).flatMap(({ channel, low, high }) => {
      const isBeyond = low > above && high < below;
      const text = above === -Infinity
        ? t`${channel} has been below ${below} for ${for_seconds} s.`
        : t`${channel} has been above ${above} for ${for_seconds} s.`;
      return isBeyond ? { channel, text } : [];
    })[0] ?? null;
  }
}
