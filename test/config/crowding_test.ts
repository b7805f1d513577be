import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { configOfBlocks, wholeExample } from "../support/service_blocks.ts";

const path = "/home/ana/livecue/config.jsonc";

/** The warnings about a service with these subscriptions, from line 2 on. */
function warningsOf(subscriptions: string, more = ""): string[] {
  const text =
    `{ "services": { "dino": { "service_class": "a.ts", ${more}"subscriptions": {\n${subscriptions} } } } }`;
  return parseConfig(text, { path }).warnings;
}

Deno.test("A subscription that is kept while more important events are discarded is named with what to write", () => {
  const subscriptions = `"GiftEvent": { "priority": 10 },\n"ShareEvent": { "priority": 7 },
    "CommentEvent": { "priority": 6, "is_discardable": true }, "LikeEvent": { "priority": 3 }`;
  assert.deepEqual(warningsOf(subscriptions), [
    `${path}:3:1: services.dino.subscriptions.ShareEvent: when the queue of dino is full of "ShareEvent" and ` +
    `"LikeEvent", Livecue discards a new "GiftEvent", though its priority is higher; ` +
    `add "is_discardable": true to "ShareEvent" and "LikeEvent"`,
  ]);
});

Deno.test("A higher priority that is discardable is crowded out as well, and so it is by all other types", () => {
  const [warning = ""] = warningsOf(
    `"CommentEvent": { "priority": 6, "is_discardable": true }, "*": { "priority": 5 }`,
  );
  assert.match(warning, /full of "\*", Livecue discards a new "CommentEvent"/);
});

Deno.test("Nothing is crowded out by equals, by what is discardable, disabled or inactive, or by a service's own work", () => {
  const gift = `"GiftEvent": { "priority": 10 }`;
  assert.deepEqual(warningsOf(`${gift}, "DonationEvent": { "priority": 10 }`), []);
  assert.deepEqual(warningsOf(`${gift}, "ShareEvent": { "is_discardable": true }`), []);
  assert.deepEqual(warningsOf(`${gift}, "ShareEvent": { "is_enabled": false }`), []);
  assert.deepEqual(warningsOf(`${gift}, "ShareEvent": {}`, `"is_active": false, `), []);
  assert.deepEqual(warningsOf(`${gift}, "SpinEvent": {}`, `"emits": ["SpinEvent"], `), []);
});

Deno.test("Neither the example nor a service's block lets less important events crowd out others", () => {
  assert.deepEqual(parseConfig(wholeExample(), { path }).warnings, []);
  assert.deepEqual(parseConfig(configOfBlocks(), { path }).warnings, []);
});
