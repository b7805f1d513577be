/** The config's block of a webhook source. */
import { z } from "zod";

export const webhookSource = z.strictObject({
  type: z.literal("webhook"),
  for: z.string().optional(),
  port: z.int().default(7423),
  providers: z.record(z.string(), z.unknown()),
});
