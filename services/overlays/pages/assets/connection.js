// @ts-check
/// <reference lib="dom" />
/** The overlays' connection to Livecue, with the types of its messages. */
/** @import { MessageName, Messages } from "../../messages.ts" */
import { listen as listenTo } from "/livecue/page.js";
import { preview } from "./made_up.js";
import { pictureCame } from "./pictures.js";

const given = new URLSearchParams(location.search);
const source = given.get("source");
/** "still" and "quiet" are for pictures and tests; any other preview goes on by itself. */
const previewed = given.get("preview");

export { address, send } from "/livecue/page.js";

/**
 * Calls each handler with the messages of its name. If the page's URL names a source, they are limited to its live. A
 * preview gets made-up messages instead, and the tests of the index page.
 * @param {{ [Name in MessageName]?: (message: Messages[Name]) => void }} handlers
 * @param {Record<string, string>} [query]
 */
export function listen(handlers, query = {}) {
  const all = { picture: pictureCame, ...handlers };
  if (previewed === null) return listenTo(all, source ? { ...query, source } : query);
  preview(handlers, previewed);
  if (previewed !== "still" && previewed !== "quiet") {
    listenTo({ picture: pictureCame, event: (event) => event.isTest && handlers.event?.(event) });
  }
}
