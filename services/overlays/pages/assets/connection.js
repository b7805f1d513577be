// @ts-check
/// <reference lib="dom" />
/** The overlays' line to Livecue, with the messages that go over it. */
/** @import { MessageName, Messages } from "../../messages.ts" */
import { listen as listenTo } from "/livecue/page.js";

const source = new URLSearchParams(location.search).get("source");

export { address, send } from "/livecue/page.js";

/**
 * Calls each handler with the messages of its name: of the live of the source that the page's URL names, if it does.
 * @param {{ [Name in MessageName]?: (message: Messages[Name]) => void }} handlers
 * @param {Record<string, string>} [query]
 */
export function listen(handlers, query = {}) {
  listenTo(handlers, source ? { ...query, source } : query);
}
