// @ts-check
/// <reference lib="dom" />
/** The overlays' connection to Livecue, with the types of its messages. */
/** @import { MessageName, Messages } from "../../messages.ts" */
import { listen as listenTo } from "/livecue/page.js";
import { pictureCame } from "./pictures.js";

const source = new URLSearchParams(location.search).get("source");

export { address, send } from "/livecue/page.js";

/**
 * Calls each handler with the messages of its name. If the page's URL names a source, they are limited to its live.
 * @param {{ [Name in MessageName]?: (message: Messages[Name]) => void }} handlers
 * @param {Record<string, string>} [query]
 */
export function listen(handlers, query = {}) {
  listenTo({ picture: pictureCame, ...handlers }, source ? { ...query, source } : query);
}
