/** What an event presses. */
import assert from "node:assert/strict";
import { describeDeeds } from "../../../services/keys/deed.ts";
import { optionsSchema } from "../../../services/keys/options.ts";
import { planOf } from "../../../services/keys/plan.ts";
import type { LiveEvent } from "../../../src/event.ts";
import { makeEvent, makeGift } from "../../support/events.ts";

/** What the first rule of a config presses. */
async function pressedBy(step: unknown, event: LiveEvent, count = 1): Promise<string> {
  const result = await optionsSchema["~standard"].validate({
    keys: ["space", "left", "right", "mouse_left", "mouse_wheel"],
    rules: [{ when: event.type, do: step }],
  });
  assert(!("issues" in result) || result.issues === undefined, JSON.stringify(result));
  const [rule] = (result as { value: { rules: { do: Parameters<typeof planOf>[0] }[] } }).value.rules;
  return describeDeeds(planOf(rule?.do ?? [], event, { count }));
}

Deno.test("A step is repeated by a number, by the gift's count or by its diamonds, at most 20 times", async () => {
  const gift = makeGift({ count: 7 });
  assert.equal(await pressedBy({ press: "space", times: 3 }, gift), "space ×3");
  assert.equal(await pressedBy({ press: "space", times: "count" }, gift, 7), "space ×7");
  assert.equal(await pressedBy({ click: "left", times: "count" }, gift, 1000), "mouse_left ×20");
  assert.equal(await pressedBy({ scroll: "up", times: "diamonds" }, gift, 7), "wheel up ×7");
});

Deno.test("A comment presses the first of its words that the table has, and nothing else of its text", async () => {
  const say = (comment: string) =>
    makeEvent({ type: "CommentEvent", data: { comment, language: "en", emotes: [] } });
  const step = { words: { "!left": "left", "!Right": "right" } };
  assert.equal(await pressedBy(step, say("go !LEFT\n!right, !right !left !left !left")), "left, right, left");
  assert.equal(await pressedBy({ ...step, most: 1 }, say("!right !left")), "right");
  for (const text of ["space", "left", "constructor __proto__", "!lefty", "", " ; xdotool key F1"]) {
    assert.equal(await pressedBy(step, say(text)), "", text);
  }
});
