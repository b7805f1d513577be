/** The service's options, as in the config. */
import { t } from "livecue/language";
import { z } from "zod";
import { secretGivenTwice, secretOptions } from "livecue/secret";

/** Lower ports are reserved for the system. With 0 the system chooses a free port, for tests. */
const portSchema = z.int().refine((port) => port === 0 || (port >= 1024 && port <= 65_535), {
  error: () => t`expected a port from 1024 to 65535`,
});

const originSchema = z.string().trim().toLowerCase().refine(
  (origin) => origin === "null" || /^[a-z][a-z0-9+.-]*:\/\/[^/]*$/.test(origin),
  {
    error: () =>
      t`expected the start of a page's address, such as "https://example.com", without a "/" at the end`,
  },
);

export const formats = ["livecue", "tikfinity"] as const;
export type Format = typeof formats[number];

export const optionsSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: portSchema.default(21_214),
  ...secretOptions("token"),
  /** For programs that connect without `?format=`. */
  format: z.enum(formats, { error: () => t`expected "livecue" or "tikfinity"` }).default("livecue"),
  /** Sites whose pages may connect. Programs that are not web pages need no entry. */
  origins: z.array(originSchema).default([]),
  /** In TikFinity's format: the streamer's name in each message. */
  username: z.string().trim().min(1).max(64).default("livecue"),
  /** In TikFinity's format: a streak ends this long after its last gift. */
  streak_seconds: z.number().min(0.01).max(60).default(5),
}).superRefine((options, context) => {
  const message = secretGivenTwice("token", options);
  if (message !== null) context.addIssue({ code: "custom", message });
});

export type Options = z.output<typeof optionsSchema>;
