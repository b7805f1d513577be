/** The pages of the docs that messages name. `test/docs_test.ts` checks that each page and each heading exists. */
import { t } from "./language.ts";

export const helpPages = {
  config: "docs/config.md",
  database: "docs/troubleshooting.md#the-database",
  load: "docs/troubleshooting.md#too-many-events",
  payments: "docs/lives_and_sources.md#payments-by-webhook",
  postgres: "docs/postgres.md#troubles",
  readings: "docs/readings.md",
  screen: "docs/screen_keys.md#your-own-keys",
  watch: "docs/agencies.md#watch",
  tikfinity: "docs/lives_and_sources.md#tikfinity",
  tiktok: "docs/troubleshooting.md#tiktok",
  trouble: "docs/troubleshooting.md",
  viewers: "docs/viewers.md",
} as const;

/** By the name of the part of Livecue in the log. */
export const partPages: Readonly<Record<string, string>> = {
  config: helpPages.config,
  load: helpPages.load,
  store: helpPages.database,
  viewers: helpPages.viewers,
};

/** The sentence that names a page. */
export function seePage(page: string): string {
  return t`See ${page}.`;
}

/** Appends the sentence that names the page to a message of one line, or adds it below a longer one. */
export function withPage(message: string, page: string | null): string {
  if (page === null) return message;
  const between = message.includes("\n") ? "\n" : /[.!?…]$/.test(message) ? " " : ". ";
  return message + between + seePage(page);
}
