import assert from "node:assert/strict";
import { startRunner } from "../support/runner_under_test.ts";

const emits = ["SpinEvent"];

Deno.test("Emitted events arrive with the item's completion, in order, with their ids", async () => {
  await using tested = await startRunner("speaker", { emits });
  await tested.feed.say(1, "spin hat");
  await tested.feed.say(2, "spin_often 2");
  const spin = (prize: string, id: string | null = null) => ({
    type: "SpinEvent",
    data: { prize },
    id,
    toSelf: false,
  });
  assert.deepEqual(tested.feed.outcomes.get(1), { kind: "completed", emitted: [spin("hat", "hat")] });
  assert.deepEqual(tested.feed.outcomes.get(2), { kind: "completed", emitted: [spin("0"), spin("1")] });
  assert.deepEqual(tested.feed.emissions, []);
});

Deno.test("Events for the service itself arrive with the wish, from an item and outside of one", async () => {
  await using tested = await startRunner("speaker", { emits });
  await tested.feed.say(1, "spin_to_self hat");
  assert.deepEqual(tested.feed.outcomes.get(1), {
    kind: "completed",
    emitted: [{ type: "SpinEvent", data: { prize: "hat" }, id: null, toSelf: true }],
  });
  assert.deepEqual(tested.feed.emissions, [
    { type: "SpinEvent", data: { prize: "hat" }, id: null, toSelf: true },
  ]);
});

Deno.test("A failed item emits nothing", async () => {
  await using tested = await startRunner("speaker", { emits });
  assert.deepEqual(await tested.feed.say(1, "spin_and_fail"), {
    kind: "failed",
    error: "processEvent returned false",
  });
  assert.equal("emitted" in (tested.feed.outcomes.get(1) ?? {}), false);
});

const mistakes: Record<string, RegExp> = {
  "emit SpunEvent":
    /^TypeError: the service emitted "SpunEvent", which is not in "emits" of its config, which names SpinEvent: add it there\n.*speaker\.ts/,
  "emit spinEvent": /which names SpinEvent: write "SpinEvent"\n.*speaker\.ts/,
  "emit OrderEvent": /which names SpinEvent: emit a type of your own, and add it there\n.*speaker\.ts/,
  "spin_often 101": /^Error: emit\(SpinEvent\): an item can emit at most 100 events\n.*speaker\.ts/,
  "spin_large 70000":
    /^TypeError: the service passed 69 KB as the data of SpinEvent: the limit is 64 KB\n.*speaker\.ts/,
  "spin_nothing":
    /^TypeError: the service emitted SpinEvent with data that is not a JSON object: pass one, such as \{ prize: "a hat" \}\n.*speaker\.ts/,
  "spin_to_nobody_knows":
    /^TypeError: the service emitted SpinEvent with a toSelf that is not true or false\n.*speaker\.ts/,
  "spin_number":
    /^TypeError: emit\(SpinEvent\): its data cannot be converted to JSON \(.*BigInt.*\)\n.*speaker\.ts/,
};
for (const [words, message] of Object.entries(mistakes)) {
  Deno.test(`A wrong emission throws in the call that makes it, and fails its item: ${words}`, async () => {
    await using tested = await startRunner("speaker", { emits });
    const outcome = await tested.feed.say(1, words);
    assert.match(outcome.kind === "failed" ? outcome.error : outcome.kind, message);
    assert.equal(tested.runner.state.phase, "running");
  });
}

Deno.test("An emission just under the limits is accepted", async () => {
  await using tested = await startRunner("speaker", { emits });
  assert.deepEqual(await tested.feed.say(1, "spin_large 65000"), { kind: "completed" });
  assert.deepEqual(await tested.feed.say(2, "spin_often 100"), { kind: "completed" });
});

Deno.test("An item that has ended can no longer emit, and the call says so", async () => {
  await using tested = await startRunner("speaker", { emits });
  await tested.feed.say(1, "remember");
  const outcome = await tested.feed.say(2, "emit_later");
  assert.match(
    outcome.kind === "failed" ? outcome.error : outcome.kind,
    /^Error: emit\(SpinEvent\): item 1 has ended and can no longer emit; in processEvent, await every call/,
  );
  assert.deepEqual(tested.feed.outcomes.get(1), { kind: "completed", emitted: [] });
});

Deno.test("Events emitted outside of items are stored at once, and a refusal is reported", async () => {
  await using tested = await startRunner("speaker", { emits });
  await tested.feed.say(1, "speak");
  assert.deepEqual(tested.feed.emissions, [
    { type: "SpinEvent", data: { prize: "at once" }, id: "at_once", toSelf: false },
  ]);
  // In an item's hooks, the item's event is the cause.
  assert.deepEqual(tested.feed.choices, ['emit {"itemId":1}']);
  const refused = await tested.feed.say(2, "speak refused");
  assert.match(refused.kind === "failed" ? refused.error : refused.kind, /^Error: there is no such source/);
  const elsewhere = await tested.feed.say(3, "speak_elsewhere");
  assert.match(
    elsewhere.kind === "failed" ? elsewhere.error : elsewhere.kind,
    /^TypeError: emit\(SpinEvent\): while an item is handled, its events belong to the item's live; leave out "source"/,
  );
});
