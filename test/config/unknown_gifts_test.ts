import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { withCatalog } from "../../src/app/gift_catalog.ts";
import { unknownGifts } from "../../src/config/unknown_gifts.ts";
import type { KnownGift } from "../../src/gift.ts";
import { wholeExample } from "../support/service_blocks.ts";

const path = "/home/ana/livecue/config.jsonc";
const ownService = fileURLToPath(new URL("../../services/overlays/main.ts", import.meta.url));

const unseen = { diamonds: 1, imageUrl: "", count: 0, firstAt: null, lastAt: null, earlier: [] };
const known: KnownGift[] = [
  { ...unseen, id: 5655, name: "Rose" },
  { ...unseen, id: 8, name: "Corazón", earlier: [{ name: "Heart", diamonds: 1, lastAt: 5 }] },
  { ...unseen, id: 0, name: "🌹" },
];

/** The warnings for a service with these options from line 2 on. */
function warningsOf(options: string, service = '"service_class": "a.ts"'): string[] {
  return unknownGifts(
    { path, text: `{ "services": { "dino": { ${service},\n"options": ${options} } } }` },
    known,
  );
}

Deno.test("A rule for a gift that nobody has seen is warned of with its place and the nearest gift", () => {
  assert.deepEqual(warningsOf(`{ "rules": [{ "when": "GiftEvent", "if": { "gift": "Roze" } }] }`), [
    `${path}:2:63: services.dino.options.rules[0].if.gift: no gift named "Roze" was seen yet, and the catalog has none; ` +
    'did you mean "Rose"? Otherwise deno task livecue gifts --all lists the gifts that Livecue knows',
  ]);
});

Deno.test("A gift that TikTok has renamed is warned of with its present name and its number", () => {
  const [warning] = warningsOf(`{ "rules": [{ "if": { "gift": "heart" } }] }`);
  assert.match(
    warning ?? "",
    /TikTok now calls the gift "heart" "Corazón"; use this name, or its number, 8$/,
  );
});

Deno.test("Each unknown gift is told once a service, by name and number, in lists and in rules that lie deeper", () => {
  const rules =
    `[{ "if": { "gift": ["Rose", "Lion", 77] } }, { "if": { "gift": "LION" } }, { "if": { "gift": 77 } }]`;
  const warnings = warningsOf(`{ "targets": [{ "rules": ${rules} }] }`);
  assert.deepEqual(warnings.map((warning) => /options\S+ no gift \S+ \S+ \S+ \S+/.exec(warning)?.[0]), [
    'options.targets[0].rules[0].if.gift[1]: no gift named "Lion" was seen',
    "options.targets[0].rules[0].if.gift[2]: no gift with the number 77",
  ]);
});

Deno.test("Known gifts, in any case and with any accents, are no matter, nor a service that is off, nor other values", () => {
  assert.deepEqual(warningsOf(`{ "rules": [{ "if": { "gift": ["ROSE", "corazon", 5655, "🌹"] } }] }`), []);
  const off = '"service_class": "a.ts", "is_active": false';
  assert.deepEqual(warningsOf(`{ "rules": [{ "if": { "gift": "Roze" } }] }`, off), []);
  for (
    const rules of ["5", '["a"]', '[{ "if": 5 }]', '[{ "if": { "gift": {} } }]', '[{ "if": { "gift": "" } }]']
  ) {
    assert.deepEqual(warningsOf(`{ "rules": ${rules} }`), []);
  }
  assert.deepEqual(unknownGifts({ path, text: "{" }, known), []);
  assert.deepEqual(unknownGifts({ path, text: '{ "services": 5 }' }, known), []);
});

Deno.test("The gifts of teams and battles are checked as well, but only in Livecue's own services", () => {
  const options = `{ "teams": [{ "gifts": ["Roze", 5655] }] }`;
  assert.deepEqual(warningsOf(options), []);
  assert.match(
    warningsOf(options, `"service_class": ${JSON.stringify(ownService)}`)[0] ?? "",
    /"Roze".*"Rose"/,
  );
});

Deno.test("A name with control characters or of any length is shown safely, and a thousand unknown ones are cut", () => {
  const [warning] = warningsOf(`{ "rules": [{ "if": { "gift": "\\u001b[31m${"x".repeat(5_000)}" } }] }`);
  assert.ok(warning !== undefined && warning.length < 400 && !warning.includes("\x1b"));
  const many = Array.from({ length: 1_000 }, (_, index) => `"unknown ${index}"`);
  assert.equal(warningsOf(`{ "rules": [{ "if": { "gift": [${many}] } }] }`).length, 50);
});

Deno.test("The gifts in the example and in the block of each service are in the catalog", () => {
  const text = wholeExample().replaceAll('"is_active": false', '"is_active": true');
  assert.deepEqual(unknownGifts({ path, text }, withCatalog([])), []);
  assert.notDeepEqual(unknownGifts({ path, text: text.replaceAll('"Rose"', '"Roze"') }, withCatalog([])), []);
});
