import assert from "node:assert/strict";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { configJsonSchema, configJsonSchemaText, type JsonSchema } from "../../src/config/json_schema.ts";
import { parseConfig } from "../../src/config/load.ts";
import { type EventType, mainEventTypes } from "../../src/event.ts";
import { blockService, blockSlugs, blockText } from "../support/service_blocks.ts";

const exampleText = Deno.readTextFileSync(new URL("../../config.example.jsonc", import.meta.url));
const path = resolve("/home/ana/livecue/config.jsonc");
/** In the folder of this very Livecue. */
const ownPath = fileURLToPath(new URL("../../config.jsonc", import.meta.url));
const example = parseConfig(exampleText, { path });

Deno.test("The example has at most 150 lines", () => {
  assert.ok(exampleText.trimEnd().split("\n").length <= 150);
});

Deno.test("The example and the block of dummy name every key there is, each under a comment or in words", () => {
  for (const key of keysOf(configJsonSchema())) {
    assert.match(exampleText + blockText("dummy"), new RegExp(`"${key.replace("$", "\\$")}"`));
  }
});

Deno.test("The example has no user, the usual files, and what needs no other program is active", () => {
  assert.deepEqual(example.sources.map(({ name, type }) => `${name} ${type}`), ["tiktok tiktok"]);
  assert.ok(example.sources.every((source) => source.type !== "tiktok" || source.user === null));
  assert.equal(example.database, resolve("/home/ana/livecue/livecue.db"));
  assert.equal(example.logFile, resolve("/home/ana/livecue/livecue.log"));
  const slugs = example.services.map(({ slug, isActive }) => [slug, isActive]);
  assert.deepEqual(slugs, [["overlays", true]]);
});

Deno.test("What the block of dummy shows are the defaults", () => {
  const text = `{ "services": { "dummy": { "service_class": "./services/dummy.ts", "name": "Dummy" } } }`;
  const [bare] = parseConfig(text, { path: ownPath }).services;
  const shown = blockService("dummy", ownPath);
  assert.deepEqual({ ...shown, subscriptions: {} }, bare);
  assert.deepEqual(Object.keys(shown.subscriptions), mainEventTypes);
  for (const subscription of Object.values(shown.subscriptions)) {
    const defaults = { isEnabled: true, priority: 5, isAsync: false, isDiscardable: false, streaks: "each" };
    assert.deepEqual(subscription, defaults);
  }
});

Deno.test("What is left of yesterday's live is acted on in no game and no scene, but is still sent to other programs", () => {
  const isKept = blockSlugs.filter((slug) => blockService(slug).staleAfterSeconds === null);
  assert.deepEqual(isKept, [
    "dashboard",
    "dummy",
    "feed",
    "overlays",
    "peebot",
    "points",
    "sampler",
    "slow",
    "threshold",
    "tts",
    "verbose",
    "webhook",
  ]);
});

type Row = [priority: number, isDiscardable: boolean, isEnabled: boolean];

const subscriptionTable: Record<
  string,
  { queue: number; isAsync: boolean; rows: Partial<Record<EventType, Row>> }
> = {
  dino_chrome: {
    queue: 50,
    isAsync: false,
    rows: {
      GiftEvent: [10, false, true],
      SubscribeEvent: [10, false, true],
      FollowEvent: [8, true, true],
      ShareEvent: [7, true, true],
      CommentEvent: [6, true, true],
      LikeEvent: [3, true, true],
      JoinEvent: [2, true, false],
    },
  },
  overlays: {
    queue: 100,
    isAsync: true,
    rows: {
      GiftEvent: [10, false, true],
      DonationEvent: [10, false, true],
      MembershipEvent: [10, false, true],
      OrderEvent: [10, false, true],
      SubscribeEvent: [10, false, true],
      FollowEvent: [7, true, true],
      ShareEvent: [6, true, true],
      CommentEvent: [5, true, true],
      LikeEvent: [2, true, true],
      JoinEvent: [3, true, true],
    },
  },
};

for (const [slug, { queue, isAsync, rows }] of Object.entries(subscriptionTable)) {
  Deno.test(`The block of ${slug} subscribes it as agreed`, () => {
    const service = blockService(slug);
    assert.equal(service.maxQueueSize, queue);
    const expected = Object.entries(rows).map(([type, [priority, isDiscardable, isEnabled]]) => [
      type,
      { isEnabled, priority, isAsync, isDiscardable, streaks: "each" },
    ]);
    assert.deepEqual(service.subscriptions, Object.fromEntries(expected));
  });
}

Deno.test("config.schema.json is what the definition says", () => {
  const written = Deno.readTextFileSync(new URL("../../config.schema.json", import.meta.url));
  assert(
    written.replaceAll("\r\n", "\n") === configJsonSchemaText(),
    "config.schema.json is out of date: run `deno run -A src/config/write_schema.ts` and commit it",
  );
});

Deno.test("Every key in config.schema.json has a description, and a default unless it may be left out", () => {
  const choices = [
    "$schema",
    "name",
    "service_class",
    "runs_on",
    "address",
    "token",
    "token_env",
    "token_file",
    "aging_seconds",
    "stale_after_seconds",
    "isolation",
    "max_memory_mb",
    "sources",
  ];
  for (const [key, schema] of propertiesOf(configJsonSchema())) {
    assert(schema.description, `${key} has no description`);
    if (!choices.includes(key)) assert.notEqual(schema.default, undefined, key);
  }
});

function keysOf(schema: JsonSchema): string[] {
  return propertiesOf(schema).map(([key]) => key);
}

function propertiesOf(schema: JsonSchema): [string, JsonSchema][] {
  const own = Object.entries(schema.properties ?? {}) as [string, JsonSchema][];
  const below = [...own.map(([, property]) => property), schema.additionalProperties];
  return [...own, ...below.flatMap((one) => typeof one === "object" ? propertiesOf(one as JsonSchema) : [])];
}
