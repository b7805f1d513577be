/** Which live a service means when it asks for totals and for its state. */
import assert from "node:assert/strict";
import { startRunner } from "../support/runner_under_test.ts";

const asked = ["totals", "top", "set_state live", "get_state live"];

Deno.test("In an item's hooks, the live is the item's own, even for several items at once", async () => {
  await using tested = await startRunner("speaker");
  await Promise.all([tested.feed.say(7, "ask"), tested.feed.say(8, "ask")]);
  const { choices } = tested.feed;
  for (const itemId of [7, 8]) {
    const own = choices.filter((choice) => choice.endsWith(`{"itemId":${itemId}}`));
    assert.deepEqual(own, asked.map((what) => `${what} {"itemId":${itemId}}`));
  }
  // Service state belongs to no live.
  assert.deepEqual(choices.filter((choice) => /service/.test(choice)), [
    'get_state service {"source":null}',
    'get_state service {"source":null}',
  ]);
});

Deno.test("A named source selects its live, even in an item", async () => {
  await using tested = await startRunner("speaker");
  await tested.feed.say(7, "ask tips");
  assert.deepEqual(tested.feed.choices.slice(0, -1), asked.map((what) => `${what} {"source":"tips"}`));
});

Deno.test("Calls that an item did not await belong to no item once the item has ended", async () => {
  await using tested = await startRunner("speaker");
  assert.deepEqual(await tested.feed.say(7, "ask_afterwards"), { kind: "completed" });
  await tested.log.heard(/^asked$/);
  assert.deepEqual(tested.feed.choices, ['totals {"source":null}']);
});
