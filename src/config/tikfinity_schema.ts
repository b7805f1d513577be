/** The config's block of a TikFinity source. */
import { z } from "zod";

export const tikfinitySource = z.strictObject({
  type: z.literal("tikfinity"),
  url: z.string().default("ws://127.0.0.1:21213/"),
});
