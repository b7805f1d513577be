import assert from "node:assert/strict";
import { channelPattern } from "livecue/channel_pattern";

const channels = ["plant:pressure", "plant:state", "pump:state", "pump:a/pressure", "hall:odd:name"];

Deno.test("A pattern matches the names that it says, and only one with a colon looks at the source", () => {
  const found = (text: string) => {
    const pattern = channelPattern(text);
    return channels.filter((each) => {
      const end = each.indexOf(":");
      return pattern.matches({ source: each.slice(0, end), item: each.slice(end + 1) });
    });
  };
  assert.deepEqual(found("p*"), ["plant:pressure"]);
  assert.deepEqual(found("state"), ["plant:state", "pump:state"]);
  assert.deepEqual(found("plant:*"), ["plant:pressure", "plant:state"]);
  assert.deepEqual(found("p*:state"), ["plant:state", "pump:state"]);
  assert.deepEqual(found("*/pressure"), ["pump:a/pressure"]);
  assert.deepEqual(found("odd:name"), ["hall:odd:name"]);
  assert.deepEqual(found("*"), channels);
  assert.deepEqual(found("stat."), []);
});
