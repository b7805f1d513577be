import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/config_error.ts";

function configOf(source: Record<string, unknown>): string {
  return JSON.stringify({ sources: { it: source } }, null, 2);
}

function mistakeIn(source: Record<string, unknown>): string {
  try {
    parseConfig(configOf(source), { path: "/config.jsonc" });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
  return "";
}

const station = {
  type: "lightstreamer",
  url: "wss://push.lightstreamer.com/lightstreamer",
  adapter_set: "ISSLIVE",
  items: ["NODE3000005"],
  fields: ["TimeStamp", "Value"],
  clock: "hours_of_year",
};
const weather = { type: "http_poll", url: "https://example.org/", channels: { temperature: "/t" } };
const house = { type: "mqtt", url: "mqtt://127.0.0.1", topics: { "house/+/t": {} } };

Deno.test("Sources of readings have defaults for what a person leaves out", () => {
  const text = JSON.stringify({ sources: { station, weather, house } });
  const [first, second, third] = parseConfig(text, { path: "/config.jsonc" }).sources;
  assert.deepEqual(first?.type === "lightstreamer" && [first.settings.mode, first.settings.time_field], [
    "MERGE",
    "TimeStamp",
  ]);
  assert.deepEqual(second?.type === "http_poll" && [second.settings.every_seconds, second.settings.clock], [
    60,
    "arrival",
  ]);
  assert.deepEqual(third?.type === "mqtt" && [third.settings.qos, third.settings.topics], [
    1,
    { "house/+/t": { clock: "arrival" } },
  ]);
});

for (
  const [name, source, expected] of [
    [
      "an address of the web",
      { ...station, url: "https://example.org" },
      /^.*5?:.*sources\.it\.url: .*wss?:\/\//m,
    ],
    ["no items", { ...station, items: [] }, /sources\.it\.items: /],
    ["an item twice", { ...station, items: ["A", "A"] }, /sources\.it\.items: .*each item only once/],
    [
      "an item with a space",
      { ...station, items: ["A B"] },
      /sources\.it\.items\[0\]: .*a name without spaces/,
    ],
    [
      "no field with the time",
      { ...station, fields: ["Value", "Other"] },
      /sources\.it\.fields: .*"TimeStamp"/,
    ],
    ["a mode that there is not", { ...station, mode: "MERGED" }, /sources\.it\.mode: .*did you mean "MERGE"/],
    [
      "a key that there is not",
      { ...station, itmes: [] },
      /sources\.it\.itmes: unknown key, did you mean "items"/,
    ],
    ["no channel", { ...weather, channels: {} }, /sources\.it\.channels: .*at least one channel/],
    [
      "a pointer that is none",
      { ...weather, channels: { t: "current.temp" } },
      /channels\.t: .*a JSON pointer such as/,
    ],
    [
      "a time without a clock",
      { ...weather, time: "/at" },
      /sources\.it\.clock: .*unix_seconds, unix_ms, iso8601/,
    ],
    ["a clock without a time", { ...weather, clock: "unix_ms" }, /sources\.it\.clock: .*a block with "time"/],
    [
      "a token twice",
      { ...weather, token: "secret-key", token_env: "A" },
      /sources\.it: .*only one of token/,
    ],
    ["a token that is no text", { ...weather, token: 7_777 }, /sources\.it: .*"token" is a text/],
    [
      "a wildcard within a level",
      { ...house, topics: { "a/b+": {} } },
      /sources\.it\.topics\["a\/b\+"\]: .*a topic, as/,
    ],
    ["# in the middle", { ...house, topics: { "#/a": {} } }, /a topic, as "house\/\+\/temperature"/],
    [
      "a status topic with a wildcard",
      { ...house, status_topic: "a/+" },
      /status_topic: .*without wildcards/,
    ],
    ["a qos of 2", { ...house, qos: 2 }, /sources\.it\.qos: /],
  ] as [string, Record<string, unknown>, RegExp][]
) {
  Deno.test(`A source of readings with ${name} is a mistake with its line and column`, () => {
    const mistake = mistakeIn(source);
    assert.match(mistake, expected);
    assert.match(mistake, /\b\d+:\d+\b/);
    assert.doesNotMatch(mistake, /secret-key|7777/);
  });
}
