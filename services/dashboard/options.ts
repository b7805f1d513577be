/** The service's options in the config. */
import { t } from "livecue/language";
import { pageOptions } from "livecue/pages";
import { secretGivenTwice } from "livecue/secret";
import { z } from "zod";

/** So many lines can be told apart by their colors. */
export const maxLines = 8;

const chartSchema = z.strictObject({
  /** Default: the names of the channels. */
  title: z.string().min(1).max(200).optional(),
  /** Names of channels: "tank", "iss:tank" (of the source iss) or "tank/*". */
  channels: z.array(z.string().min(1).max(300)).min(1).max(100),
  /** After this long without a reading, the line is interrupted. Default: `gap_seconds` of the page. */
  gap_seconds: z.number().positive().optional(),
});

export const optionsSchema = z.strictObject({
  ...pageOptions({ port: 7429 }),
  title: z.string().min(1).max(200).default(() => t`Readings`),
  /** Without charts, the page has one for each of the first channels. */
  charts: z.array(chartSchema).max(50).default([]),
  gap_seconds: z.number().positive().default(60),
}).superRefine((options, context) => {
  const message = secretGivenTwice("token", options);
  if (message !== null) context.addIssue({ code: "custom", message });
});

export type Options = z.output<typeof optionsSchema>;
