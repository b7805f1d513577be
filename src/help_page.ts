/** The pages of the docs that messages name. `test/docs_test.ts` checks that each page and each heading is there. */

export const helpPages = {
  config: "docs/config.md",
  database: "docs/troubleshooting.md#the-database",
  load: "docs/troubleshooting.md#too-many-events",
  payments: "docs/lives_and_sources.md#payments-by-webhook",
  tikfinity: "docs/lives_and_sources.md#tikfinity",
  tiktok: "docs/troubleshooting.md#tiktok",
  trouble: "docs/troubleshooting.md",
} as const;

/** By the name under which a part of Livecue speaks in the log. */
export const partPages: Readonly<Record<string, string>> = {
  config: helpPages.config,
  load: helpPages.load,
  store: helpPages.database,
};

/** The sentence that leads to a page. */
export function seePage(page: string): string {
  return `See ${page}.`;
}

/** The message and the sentence that leads to the page: in the line of a message of one line, or below several. */
export function withPage(message: string, page: string | null): string {
  if (page === null) return message;
  const between = message.includes("\n") ? "\n" : /[.!?…]$/.test(message) ? " " : ". ";
  return message + between + seePage(page);
}
