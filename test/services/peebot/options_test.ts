import assert from "node:assert/strict";
import { optionsSchema } from "../../../services/peebot/options.ts";
import { countGraphemes } from "../../../services/peebot/posting/graphemes.ts";
import { defaultTexts } from "../../../services/peebot/texts.ts";

function mistakes(options: object): string[] {
  const { error } = optionsSchema.safeParse(options);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")} ${message}`);
}

Deno.test("Without options it is a dry run with texts of its own, which fit everywhere and need no number of yours", () => {
  const options = optionsSchema.parse({});
  assert.equal(options.post, "dry_run");
  assert.deepEqual(options.texts.map(({ text }) => text), defaultTexts);
  assert.equal(new Set(defaultTexts).size, defaultTexts.length);
  for (const text of defaultTexts) {
    assert.ok(countGraphemes(text) < 250, text);
    assert.doesNotMatch(text, /\{astronauts\}/);
  }
});

Deno.test("A place to post to that is not complete says what is missing", () => {
  assert.deepEqual(mistakes({ post: "bluesky" }), [
    "bluesky.handle is missing: write your handle",
    'bluesky "password_env" is missing: name the environment variable that has it',
  ]);
  assert.deepEqual(mistakes({ post: "mastodon", mastodon: { token_env: "T" } }), [
    "mastodon.instance is missing: write the address of your instance",
  ]);
  assert.match(mistakes({ post: "webhook" })[0] ?? "", /"url_env" is missing/);
  assert.match(mistakes({ webhook: { url: "https://a.b", url_env: "U" } })[0] ?? "", /keep only one of/);
  assert.deepEqual(mistakes({ post: "bluesky", bluesky: { handle: "@a.b", password_env: "P" } }), []);
});

Deno.test("A text with an unknown placeholder, without its number, or too long for Bluesky is a mistake", () => {
  assert.match(
    mistakes({ texts: ["{lvl}"] })[0] ?? "",
    /there is no placeholder \{lvl\}: use \{level\}, \{rise\}/,
  );
  assert.deepEqual(mistakes({ texts: ["ok", "{astronauts}"] }), [
    'texts.1 says {astronauts}: set "astronauts" to how many there are',
  ]);
  assert.deepEqual(mistakes({ texts: ["{astronauts} {{astronauts}}"], astronauts: 7 }), []);
  assert.deepEqual(mistakes({ texts: ["{{astronauts}}"] }), []);
  const bluesky = { handle: "a.b", password_env: "P" };
  assert.deepEqual(mistakes({ post: "bluesky", bluesky, texts: ["a".repeat(297) + "{level}"] }), []);
  assert.deepEqual(mistakes({ post: "bluesky", bluesky, texts: ["a".repeat(298) + "{level}"] }), [
    "texts.0 has 301 characters: Bluesky allows 300",
  ]);
});
