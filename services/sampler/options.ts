/** The service's options in the config. */
import { pageOptions } from "livecue/pages";
import { rulesSchema } from "livecue/rules";
import { secretGivenTwice } from "livecue/secret";
import { templateSchema } from "livecue/template";
import { z } from "zod";
import { downloadOptions } from "./download/options.ts";
import { storageOptions } from "./storage/options.ts";

/** The action of a rule: a text whose first link is requested. */
const sampleActionSchema = z.strictObject({ sample: templateSchema() }, {
  error: ({ code }) => code === "invalid_type" ? 'expected { "sample": "{comment}" }' : undefined,
});

export type SampleAction = z.output<typeof sampleActionSchema>;

export const optionsSchema = z.strictObject({
  ...pageOptions({ port: 7428 }),
  rules: rulesSchema(sampleActionSchema).default([]),
  ...downloadOptions,
  /** The name or path of the user's ffmpeg, which also needs the permission "run"; null to do without it. */
  ffmpeg: z.string().min(1, "is empty: write the program's name or its path, or null").nullable().default(
    "ffmpeg",
  ),
  storage: storageOptions,
}).superRefine((options, context) => {
  const message = secretGivenTwice("token", options);
  if (message !== null) context.addIssue({ code: "custom", message });
});

export type Options = z.output<typeof optionsSchema>;
