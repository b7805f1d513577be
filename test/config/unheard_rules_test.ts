import assert from "node:assert/strict";
import { configOfBlocks } from "../support/service_blocks.ts";
import { parseConfig } from "../../src/config/load.ts";

const path = "/home/ana/livecue/config.jsonc";

/** What is warned of in a service with this content from line 2 on. */
function warningsOf(content: string): string[] {
  return parseConfig(`{ "services": { "dino": { "service_class": "a.ts",\n${content} } } }`, { path })
    .warnings;
}

Deno.test("A rule for an event that its service does not get is told with its place and the line that is missing", () => {
  const content =
    `"options": { "rules": [{ "when": "GiftEvent", "do": {} }] },\n"subscriptions": { "LikeEvent": {} }`;
  assert.deepEqual(warningsOf(content), [
    `${path}:2:34: services.dino.options.rules[0].when: dino does not get GiftEvent, so the rule never acts; ` +
    'add "GiftEvent": {} to its "subscriptions"',
  ]);
});

Deno.test("A rule for an event whose subscription is switched off is told how to switch it on", () => {
  const [warning, ...more] = warningsOf(
    `"options": { "rules": [{ "when": "JoinEvent" }] }, "subscriptions": { "JoinEvent": { "is_enabled": false } }`,
  );
  assert.match(warning ?? "", /dino does not get JoinEvent.* set "is_enabled" of "JoinEvent" .* to true$/);
  assert.deepEqual(more, []);
});

Deno.test("Each type is told once a service, of lists of types and of rules that lie deeper as well", () => {
  const rules =
    `[{ "when": ["GiftEvent", "LikeEvent"] }, { "when": "GiftEvent" }, { "when": "FollowEvent" }]`;
  const warnings = warningsOf(
    `"options": { "targets": [{ "rules": ${rules} }] }, "subscriptions": { "LikeEvent": {} }`,
  );
  assert.deepEqual(warnings.map((warning) => /options\S+: dino does not get \w+/.exec(warning)?.[0]), [
    "options.targets[0].rules[0].when[0]: dino does not get GiftEvent",
    "options.targets[0].rules[2].when: dino does not get FollowEvent",
  ]);
});

Deno.test("A type that no service emits is told, with the one that was meant", () => {
  const told = (when: string) =>
    warningsOf(`"options": { "rules": [{ "when": "${when}" }] }, "subscriptions": { "GiftEvent": {} }`)[0] ??
      "";
  assert.match(told("GfitEvent"), /no source or service has a GfitEvent.*did you mean "GiftEvent"\?/);
  assert.match(
    told("SpinEvent"),
    /no source or service has a SpinEvent.*add it to the "emits" of the service/,
  );
  assert.equal(told("whenever"), "");
});

Deno.test("Rules that can act, those of a service that is off, and other settings by that name are no matter", () => {
  const heard = `"subscriptions": { "GiftEvent": {} }`;
  assert.deepEqual(warningsOf(`"options": { "rules": [{ "when": "GiftEvent" }] }, ${heard}`), []);
  assert.deepEqual(warningsOf(`"options": { "rules": [{ "when": "GiftEvent" }] }, "is_active": false`), []);
  const others = [
    `"be kind"`,
    `[1, "GiftEvent", {}, { "when": 5 }, { "when": "noon" }]`,
    `{ "when": "GiftEvent" }`,
  ];
  for (const rules of others) assert.deepEqual(warningsOf(`"options": { "rules": ${rules} }`), []);
});

Deno.test("No service's block has such a rule", () => {
  assert.deepEqual(parseConfig(configOfBlocks(), { path }).warnings, []);
});

Deno.test("A rule for a source that is not there is told with its place and the sources that are", () => {
  const told = (sources: unknown) =>
    warningsOf(
      `"options": { "rules": [{ "when": "GiftEvent", "sources": ${JSON.stringify(sources)} }] },\n` +
        `"subscriptions": { "GiftEvent": {} }`,
    );
  assert.deepEqual(told(["tiktok", "nobody"]), [
    `${path}:2:68: services.dino.options.rules[0].sources[1]: there is no source "nobody", so the rule never acts; ` +
    "the config has tiktok",
  ]);
  assert.match(told("titkok")[0] ?? "", /there is no source "titkok".*did you mean "tiktok"\?/);
  assert.deepEqual(told(["demo", "replay:live.jsonl", "test", "services"]), []);
});
