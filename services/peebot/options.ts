/** The service's options, as in the config. */
import { secretGivenTwice, secretOptions } from "livecue/secret";
import { templateSchema } from "livecue/template";
import { z } from "zod";
import { countGraphemes, maxGraphemes } from "./posting/graphemes.ts";
import { defaultTexts } from "./texts.ts";

/** Placeholders of the texts, beside those of all services. */
export const placeholders = ["level", "rise", "astronauts"] as const;
export type Placeholder = typeof placeholders[number];

const address = z.string().refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), {
  error: "expected an address that starts with https://",
});

const percent = z.number().min(0).max(100);
const seconds = z.int().min(1).max(3600);

/** What counts as a fill. The defaults are measured in bench/peebot.ts. */
export const detectionSchema = z.strictObject({
  /** Percent. A smaller rise is no fill: whole percents that jump by one cannot show it. */
  min_rise: percent.default(1.5),
  /** Percent. A larger rise is no visit, but a transfer from another tank. */
  max_rise: percent.default(50),
  /** By how many times its standard error a rise exceeds zero. A higher one finds fewer fills, and fewer wrong ones. */
  certainty: z.number().min(1).max(20).default(5.5),
  /** How long the level holds before and after a fill, at least. */
  hold_seconds: seconds.default(60),
  /** How many readings the level holds, at least. With rare readings this takes longer than `hold_seconds`. */
  hold_readings: z.int().min(2).max(100).default(8),
  /** Percent. By how much the two halves of a hold may differ. */
  hold_within: percent.default(0.3),
  /** How much longer than a hold the level holds between two fills. Otherwise they are one. */
  apart_seconds: seconds.default(30),
  /** The longest fill. */
  max_fill_seconds: seconds.default(400),
  /** Without a reading of any channel for this long, the signal was lost. */
  gap_seconds: seconds.default(120),
  /** States of the processor in which no rise is a fill. 8 is maintenance. */
  ignored_states: z.array(z.number()).default([8]),
  /** States of the processor in which it empties the tank. 16 is normal. */
  processing_states: z.array(z.number()).default([16]),
  /** Percent. How much runs back into the tank when the processor stops; a rise then is a fill only above that. */
  rebound: percent.default(1),
  /** For how long after the processor has stopped it may run back. */
  rebound_seconds: seconds.default(180),
});

export type DetectionOptions = z.output<typeof detectionSchema>;

const blueskySchema = z.strictObject({
  /** The account's server. */
  service: address.default("https://bsky.social"),
  /** As "name.bsky.social", without the @. */
  handle: z.string().trim().transform((text) => text.replace(/^@/, "")).default(""),
  /** An app password, not the account's password. */
  ...secretOptions("password"),
  /** Of the texts, as ["en"]. */
  languages: z.array(z.string().min(2).max(35)).max(3).default(["en"]),
});

const mastodonSchema = z.strictObject({
  instance: address.optional(),
  /** An access token with the scopes read:accounts, read:statuses and write:statuses. */
  ...secretOptions("token"),
  visibility: z.enum(["public", "unlisted", "private"]).default("public"),
  /** Of the texts, as "en". */
  language: z.string().length(2).default("en"),
});

const webhookSchema = z.strictObject({ ...secretOptions("url"), ...secretOptions("secret") });

export const optionsSchema = z.strictObject({
  /** Where posts go. With "dry_run" the log shows what would be posted. */
  post: z.enum(["dry_run", "bluesky", "mastodon", "webhook"]).default("dry_run"),
  bluesky: blueskySchema.prefault({}),
  mastodon: mastodonSchema.prefault({}),
  webhook: webhookSchema.prefault({}),
  /** One is chosen for each post. All are used before one is repeated. */
  texts: z.array(templateSchema(placeholders)).min(1).max(1000).prefault([...defaultTexts]),
  /** For {astronauts}. Only you know how many there are. */
  astronauts: z.int().min(0).max(1000).optional(),
  minutes_between_posts: z.number().min(0).max(100_000).default(30),
  /** A fill that ended longer ago is not posted: it is no news, or a recording. */
  max_age_minutes: z.number().min(1).max(100_000).default(30),
  /** The names of the channels. */
  channels: z.strictObject({
    level: z.string().min(1).default("NODE3000005"),
    processor: z.string().min(1).default("NODE3000004"),
    /** It says that the signal is there. "" if there is none: then the level has to come at least each gap_seconds. */
    clock: z.string().default("TIME_000001"),
  }).prefault({}),
  detection: detectionSchema.prefault({}),
}).superRefine((options, context) => {
  for (const [path, message] of mistakes(options)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

interface Given {
  post: string;
  bluesky: { handle: string };
  mastodon: { instance?: string | undefined };
  webhook: object;
  texts: readonly { text: string }[];
  astronauts?: number | undefined;
}

function* mistakes(options: Given): Generator<[path: readonly (string | number)[], message: string]> {
  const { post, bluesky, mastodon, texts, astronauts } = options;
  if (post === "bluesky" && bluesky.handle === "") {
    yield [["bluesky", "handle"], "is missing: write your handle"];
  }
  if (post === "mastodon" && mastodon.instance === undefined) {
    yield [["mastodon", "instance"], "is missing: write the address of your instance"];
  }
  for (
    const [network, name] of [["bluesky", "password"], ["mastodon", "token"], ["webhook", "url"]] as const
  ) {
    const given: Record<string, unknown> = { ...options[network] };
    const twice = secretGivenTwice(name, given);
    if (twice !== null) yield [[network], twice];
    const isMissing = [name, `${name}_env`, `${name}_file`].every((key) => given[key] === undefined);
    if (post === network && isMissing) {
      yield [[network], `"${name}_env" is missing: name the environment variable that has it`];
    }
  }
  if (post === "bluesky") {
    for (const [index, { text }] of texts.entries()) {
      // The longest value of each.
      const length = countGraphemes(text.replaceAll(/\{(level|rise|astronauts)\}/g, "100"));
      if (length > maxGraphemes) {
        yield [["texts", index], `has ${length} characters: Bluesky allows ${maxGraphemes}`];
      }
    }
  }
  if (astronauts !== undefined) return;
  for (const [index, { text }] of texts.entries()) {
    if (!/(?<!\{)\{astronauts\}/.test(text)) continue;
    yield [["texts", index], 'says {astronauts}: set "astronauts" to how many there are'];
  }
}

export type PeebotOptions = z.output<typeof optionsSchema>;
