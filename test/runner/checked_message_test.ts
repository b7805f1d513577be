/** No message that a service's code can send throws on the main thread, or gets where it should not. */
import assert from "node:assert/strict";
import { startRunner } from "../support/runner_under_test.ts";

/** Forgeries that fail their own item, with the reason. */
const failing: Record<string, RegExp> = {
  "done without emitted": /emitted something that is not a list of events/,
  "done with text": /emitted something that is not a list of events/,
  "undeclared type":
    /emitted "GiftEvent", which is not in "emits" of its config, which names SpinEvent: emit a type of your own/,
  "data that is a list": /SpinEvent with data that is not a JSON object/,
  "data that is deep": /not JSON, or is nested too deeply/,
  "data that is wide": /over 100000 values/,
  "data too large": /passed \d+ KB as the data of SpinEvent: the limit is 64 KB/,
  "id of no text": /an id that is not a string/,
  "toSelf of no boolean": /a toSelf that is not true or false/,
  "too many": /more than 100 events with one item/,
  "failure without reason": /a failure without its reason/,
  "failure that is text": /a failure without its reason/,
};

/** Forgeries that are logged. */
const told: Record<string, RegExp> = {
  "nothing": /sent something that is not a message/,
  "text": /sent something that is not a message/,
  "unknown kind": /an unknown kind/,
  "log of no level": /a log line without text/,
  "log of no text": /a log line without text/,
  "pane without lines": /showed something that is not a pane/,
  "pane of numbers": /showed the pane "x" with a line that is not/,
  "heartbeat without memory": /an answer to a ping without its memory usage/,
  "endless memory": /an answer to a ping without its memory usage/,
  "text that is no message": /sent something that is not a message/,
  "text that is deep": /sent something that is not a message/,
  "what is no text": /sent something that is not a message/,
  "kind without a text": /an unknown kind/,
  "ends without end": /an item's end without the item's id/,
  "end of no item": /the end of an item that it does not have/,
  "line that is long": /a log line without text/,
  "failed start": /a failed start without its reason/,
  "ready again": /sent "ready", which Livecue did not ask for/,
  "a stop that nobody wanted": /sent "stopped", which Livecue did not ask for/,
  "a hold that nobody wanted": /sent "held", which Livecue did not ask for/,
  "a command's end": /sent a message that only a command may send/,
};

/** Forgeries that get a refusal that nobody awaits, or that have no effect. */
const unheard = [
  "request of nothing",
  "emit outside of an item",
  "emit of another item",
  "state that is deep",
  "state under half a letter",
  "state under no key",
  "state in no scope",
  "top of no count",
  "totals of no live",
];

for (const [forgery, message] of Object.entries(failing)) {
  Deno.test(`A forged answer fails its item with the reason: ${forgery}`, async () => {
    await using tested = await startRunner("forger", { emits: ["SpinEvent"] });
    const outcome = await tested.feed.say(1, forgery);
    assert.match(outcome.kind === "failed" ? outcome.error : outcome.kind, /^the service /);
    assert.match(outcome.kind === "failed" ? outcome.error : outcome.kind, message);
    assert.deepEqual(await tested.feed.say(2, "succeed"), { kind: "completed" });
  });
}

for (const [forgery, message] of Object.entries(told)) {
  Deno.test(`A forged message is logged and otherwise ignored: ${forgery}`, async () => {
    await using tested = await startRunner("forger", { emits: ["SpinEvent"] });
    assert.deepEqual(await tested.feed.say(1, forgery), { kind: "completed" });
    const entry = await tested.log.heard(message);
    assert.deepEqual([entry.level, entry.from], ["warn", "tested"]);
    await tested.feed.say(2, forgery);
    assert.equal(tested.log.entries.filter(({ text }) => message.test(text)).length, 1);
  });
}

for (const forgery of unheard) {
  Deno.test(`A forged request changes nothing: ${forgery}`, async () => {
    await using tested = await startRunner("forger", { emits: ["SpinEvent"] });
    assert.deepEqual(await tested.feed.say(1, forgery), { kind: "completed" });
    assert.deepEqual([tested.feed.emissions, tested.feed.state.size, tested.feed.panes], [[], 0, []]);
    // The service's own request, which shows that the forgery has arrived.
    assert.deepEqual(tested.feed.choices, ['totals {"itemId":1}']);
    assert.equal(tested.runner.state.phase, "running");
  });
}

Deno.test("A service in a process can forge no more than one in a worker", async () => {
  await using tested = await startRunner("forger", { emits: ["SpinEvent"], isolation: "process" });
  const outcome = await tested.feed.say(1, "undeclared type");
  assert.match(
    outcome.kind === "failed" ? outcome.error : outcome.kind,
    /"GiftEvent", which is not in "emits"/,
  );
  assert.deepEqual(await tested.feed.say(2, "log of no level"), { kind: "completed" });
  await tested.log.heard(/a log line without text/);
});
