import assert from "node:assert/strict";
import { makeEvent } from "../support/events.ts";
import type { Ended } from "../support/memory_feed.ts";
import { startRunner } from "../support/runner_under_test.ts";

Deno.test("A service's hooks run in order, each awaited", async () => {
  await using tested = await startRunner("hooks");
  const outcome = await tested.feed.add(7, makeEvent(), { priority: 9, attempt: 2, isFirstOfUser: true });
  await tested.runner.stop({ graceMs: 0 });
  assert.deepEqual(outcome, { kind: "completed" });
  assert.deepEqual(tested.log.entries.map(({ text }) => text), [
    "onStart",
    'onEventReceived CommentEvent {"id":7,"priority":9,"isAsync":true,"count":1,"attempt":2,"isFirstOfUser":true}',
    "processEvent",
    "onEventProcessed true",
    "onStop",
  ]);
  assert.deepEqual(new Set(tested.log.entries.map(({ from }) => from)), new Set(["tested"]));
});

Deno.test("A throw in onEventReceived fails the item, which is not processed", async () => {
  await using tested = await startRunner("hooks", { options: { throwing: "onEventReceived" } });
  const outcome = await tested.feed.add(1, makeEvent());
  assert.deepEqual(withoutPlace(outcome), { kind: "failed", error: "Error: onEventReceived broke" });
  const said = tested.log.entries.map(({ text }) => text);
  assert.ok(!said.includes("processEvent"));
  assert.ok(said.includes("onEventProcessed false"));
});

Deno.test("A throw in onEventProcessed or onStop is logged and changes nothing", async () => {
  for (const hook of ["onEventProcessed", "onStop"]) {
    await using tested = await startRunner("hooks", { options: { throwing: hook } });
    assert.deepEqual(await tested.feed.add(1, makeEvent()), { kind: "completed" });
    await tested.runner.stop({ graceMs: 0 });
    const logged = await tested.log.heard(new RegExp(`^${hook}: Error: ${hook} broke\n.*hooks.ts`));
    assert.equal(logged.level, "error");
  }
});

Deno.test("What processEvent returns or throws decides the item's outcome", async () => {
  await using tested = await startRunner("scripted");
  const failed = (error: string) => ({ kind: "failed", error });
  const expected: Record<string, unknown> = {
    "succeed": { kind: "completed" },
    "succeed later": { kind: "completed" },
    "refuse": failed("processEvent returned false"),
    "refuse later": failed("processEvent returned false"),
    "throw": failed("TypeError: the hat is empty"),
    "throw a string": failed('threw "just words"'),
    "throw later": failed("Error: the hat was empty"),
    "return nothing": failed("processEvent returned undefined, not true or false"),
    "return 1": failed("processEvent returned 1, not true or false"),
  };
  const outcomes = Object.keys(expected).map((words, i) => tested.feed.say(i + 1, words));
  assert.deepEqual((await Promise.all(outcomes)).map(withoutPlace), Object.values(expected));
  assert.equal(tested.runner.stats.completedCount, 2);
  assert.equal(tested.runner.stats.failedCount, 7);
});

Deno.test("A UserError is reported as its message alone, because a place in the code would not help to fix it", async () => {
  await using tested = await startRunner("scripted");
  assert.deepEqual(await tested.feed.say(1, "complain"), {
    kind: "failed",
    error: "the hat is empty: put a rabbit in",
  });
});

Deno.test("A failed item names the place in the service's code that threw", async () => {
  await using tested = await startRunner("scripted");
  const outcome = await tested.feed.say(5, "throw");
  assert.ok(outcome.kind === "failed");
  assert.match(outcome.error, /^TypeError: the hat is empty\n.*scripted\.ts:\d+/);
  assert.doesNotMatch(outcome.error, /service_host/);
});

Deno.test("An uncaught error is logged with its stack, and the service goes on", async () => {
  await using tested = await startRunner("scripted");
  await tested.feed.say(1, "stray rejection");
  await tested.feed.say(2, "stray error");
  const rejection = await tested.log.heard(/^unhandled rejection: Error: nobody caught this\n.*scripted\.ts/);
  const error = await tested.log.heard(/^uncaught error: Error: thrown from a timer\n.*scripted\.ts/);
  assert.deepEqual([rejection.level, error.level], ["error", "error"]);
  assert.deepEqual(await tested.feed.say(3, "succeed"), { kind: "completed" });
  assert.equal(tested.runner.state.phase, "running");
});

Deno.test("A service keeps state in two scopes, and sees the session's totals", async () => {
  await using tested = await startRunner("keeper");
  tested.feed.sums = { ...tested.feed.sums, diamonds: 30 };
  tested.feed.givers = [{ userId: "1", uniqueId: "ana", nickname: "Ana", diamonds: 20, gifts: 2 }];
  await tested.feed.say(1, "one", { isAsync: false });
  await tested.feed.say(2, "two", { isAsync: false });
  assert.deepEqual(
    Object.fromEntries(tested.feed.state),
    { "service count": 2, "session last": { said: "two" } },
  );
  await tested.log.heard(/^30 diamonds, most by Ana$/);
  await tested.feed.say(3, "forget");
  await tested.log.heard(/^count is undefined$/);
});

Deno.test("State that cannot be kept fails in the service's own call", async () => {
  await using tested = await startRunner("keeper");
  const refused = await tested.feed.say(1, "keep what cannot be kept");
  assert.deepEqual(refused, { kind: "failed", error: "Error: the disk is full" });
  const unfit = await tested.feed.say(2, "keep no JSON");
  assert.equal(unfit.kind, "failed");
  assert.match("error" in unfit ? unfit.error : "", /^TypeError: .*BigInt/);
});

Deno.test("The module's schema checks the options and fills in defaults", async () => {
  await using tested = await startRunner("choosy", { options: { count: 2 } });
  assert.deepEqual(await tested.feed.say(1, ""), { kind: "completed" });
  await tested.log.heard(/^hello hello$/);
});

const mistakes: [string, Record<string, unknown>, RegExp][] = [
  [
    "choosy",
    { count: "two", word: 5 },
    /do not fit the service\. It is .*\n\/config\.jsonc:1:\d+: services\.tested\.options\.count: .*\n.*options\.word: /,
  ],
  ["no_default", {}, /the module has no default export: write export default class/],
  ["not_a_service", {}, /default export is \[class Stranger\], which does not extend BaseQueueService/],
  [
    "breaks_on_load",
    {},
    /breaks_on_load\.ts could not be loaded: RangeError: broken from the first line\. It is switched off.*\n +at [^\n]*\.ts:1:\d+$/,
  ],
  [
    "imports_outside",
    {},
    /could not be loaded: Requires read access to ".*gate\.ts"; if the service should have it, grant it under "permissions".*\n +at [^\n]*outside\.ts[^\n]*$/,
  ],
  [
    "imports_from_web",
    {},
    /Requires import access to "example\.invalid:443"; a service can import files in its own folder/,
  ],
  ["is_not_there", {}, /is_not_there\.ts could not be loaded: TypeError: Module not found/],
];
for (const [name, options, message] of mistakes) {
  Deno.test(`A mistake in a module or its options is logged once and switches the service off: ${name}`, async () => {
    await using tested = await startRunner(name, { options });
    assert.equal(tested.runner.state.phase, "switched_off");
    assert.equal(tested.log.entries.length, 1);
    assert.match(tested.log.entries[0]?.text ?? "", message);
    assert.match(tested.log.entries[0]?.text ?? "", /switched off, and its items wait/);
    assert.equal(tested.log.entries[0]?.level, "error");
  });
}

/** The outcome with only the sentence of its error. */
function withoutPlace(outcome: Ended): Ended {
  if (!("error" in outcome)) return outcome;
  return { ...outcome, error: outcome.error.split("\n")[0] as string };
}
