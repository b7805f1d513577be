/** The requests and answers of the HTTP interface. openapi.ts makes its description from them. */
import { z } from "zod";
import { readKey } from "../music_key.ts";
import { sampleSchema, statuses } from "../sample.ts";
import { sorts } from "../search.ts";
import { readTempos } from "../tempo.ts";

export const requestSchema = z.strictObject({
  url: z.string().min(1).max(2000).describe("The link to a video, as TikTok's Share button gives it."),
});

const temposSchema = z.string().transform((text, context) => {
  const tempos = readTempos(text);
  if (tempos !== null) return tempos;
  context.addIssue({
    code: "custom",
    message: 'expected a range such as "90-110", or a tempo such as "120"',
  });
  return z.NEVER;
}).describe('A range such as "90-110". A sample also counts with half and double its tempo.');

const keySchema = z.string().transform((text, context) => {
  const key = readKey(text);
  if (key !== null) return key;
  context.addIssue({ code: "custom", message: 'expected a key such as "Am", "F#" or "Gb minor"' });
  return z.NEVER;
}).describe('As "Am", "A minor", "F#" or "Gb".');

export const searchSchema = z.strictObject({
  search: z.string().max(1000).describe("Beginnings of words in description, creator and tags."),
  creator: z.string().max(200).describe("The creator's handle or name."),
  bpm: temposSchema,
  key: keySchema,
  status: z.enum(statuses),
  sort: z.enum(sorts).describe("Default: newest. Samples without a value come last."),
  cursor: z.string().max(1000).describe("The nextCursor of the page before, with the same sort."),
  limit: z.coerce.number<string>().pipe(z.int().min(1).max(100)).describe("Default: 50."),
}).partial();

export const pageSchema = z.strictObject({
  samples: z.array(sampleSchema),
  nextCursor: z.string().nullable().describe("For the next page; null on the last one."),
});

export const problemSchema = z.strictObject({
  error: z.string().describe("What is wrong."),
  advice: z.string().describe("What to do."),
});
export type Problem = z.output<typeof problemSchema>;
