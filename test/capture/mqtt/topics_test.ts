import assert from "node:assert/strict";
import { matchTopic, Topics, type TopicValue } from "../../../src/capture/mqtt/topics.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("A topic matches a filter level by level, and wildcards stand for what is there", () => {
  const cases: [string, string, string[] | null][] = [
    ["a/b", "a/b", []],
    ["a/b", "a/b/c", null],
    ["a/b/c", "a/b", null],
    ["a/+/c", "a/b/c", ["b"]],
    ["+/+", "/x", ["", "x"]],
    ["+", "a/b", null],
    ["#", "a/b", ["a/b"]],
    ["a/#", "a", [""]],
    ["a/#", "a/b/c", ["b/c"]],
    ["a/+/#", "a/b/c/d", ["b", "c/d"]],
    ["A/b", "a/b", null],
  ];
  for (const [filter, topic, found] of cases) assert.deepEqual(matchTopic(filter, topic), found, filter);
});

function valueOf(given: Partial<TopicValue>): TopicValue {
  return { filter: "#", channel: null, value: null, time: null, timeForm: "arrival", ...given };
}

function read(values: TopicValue[], text: string, topic = "house/attic") {
  const clock = new FakeClock();
  return new Topics(values, clock).read({ topic, text, isRetained: false })
    ?.map(({ channel, value }) => [channel, value]);
}

Deno.test("One message gives several values of its JSON, and none for what it does not say", () => {
  const values = [
    valueOf({ filter: "house/+", channel: "{1} temperature {2}", value: "/t" }),
    valueOf({ filter: "house/+", value: "/h/0" }),
    valueOf({ filter: "garden/+", value: "/t" }),
  ];
  assert.deepEqual(read(values, '{"t": "21.5", "h": [40]}'), [["attic temperature {2}", 21.5], [
    "house/attic/h/0",
    40,
  ]]);
  assert.deepEqual(read(values, '{"t": null, "h": {}}'), []);
  assert.deepEqual(read(values, "21"), []);
  assert.equal(read(values, "{"), undefined);
});

Deno.test("What is no number stays a text, and an empty message is none", () => {
  const values = [valueOf({})];
  assert.deepEqual(read(values, "ON"), [["house/attic", "ON"]]);
  assert.deepEqual(read(values, "9".repeat(100)), [["house/attic", "9".repeat(60)]]);
  assert.deepEqual(read(values, ""), []);
  assert.deepEqual(read([valueOf({ value: "/a" })], '{"a": {"b": 1}}'), [["house/attic/a", '{"b":1}']]);
});
