/** "livecue/testing", as an author of a service uses it. */
import assert from "node:assert/strict";
import {
  type Crash,
  crashEverywhere,
  makeEvent,
  startService,
  type TestedService,
  type TestSettings,
} from "livecue/testing";

const shop = new URL("../support/services/shop.ts", import.meta.url);
const settings: TestSettings = { emits: ["ShopEvent"] };
const said = (comment: string) => makeEvent("CommentEvent", { comment });

function done({ folder }: TestedService): string[] {
  return Deno.readTextFileSync(`${folder}/done`).trim().split("\n");
}

Deno.test("A test sees what a service did with an event: its steps, what it emitted, kept and logged", async () => {
  await using tested = await startService(shop, settings);
  const handled = await tested.handle(said("bread milk"));
  assert.equal(handled.status, "completed");
  assert.equal(handled.attempts, 1);
  assert.deepEqual(
    handled.steps.map(({ name, status, attempts, result }) => [name, status, attempts, result]),
    [
      ["bread", "completed", 1, "bread 1"],
      ["milk", "completed", 1, "milk 1"],
    ],
  );
  assert.deepEqual(handled.emitted.map(({ type, data }) => [type, data]), [
    ["ShopEvent", { results: ["bread 1", "milk 1"], ticks: 0 }],
  ]);
  assert.equal(tested.kept("last"), 2);
  assert.deepEqual(tested.log, [{ level: "info", text: "life 1" }]);
  assert.deepEqual([...Deno.readDirSync(`${tested.folder}/items`)], []);

  const refused = await tested.handle(makeEvent("GiftEvent", {}));
  assert.deepEqual([refused.status, refused.error], ["failed", "processEvent returned false"]);
});

Deno.test("Pauses and waits before a retry pass at once, and a schedule runs once meanwhile", async () => {
  await using tested = await startService(shop, settings);
  const { status, steps, attempts, emitted } = await tested.handle(
    said("sleep:7200000 bread beside sleep:30000"),
  );
  assert.equal(status, "completed");
  // The long pause gave the place back, and the second hand-out finished it.
  assert.equal(attempts, 2);
  assert.deepEqual(steps.map(({ name, attempts, failures }) => [name, attempts, failures]), [
    ["sleep 1", 1, 0],
    ["bread", 1, 0],
    ["left", 1, 0],
    ["right", 2, 1],
    ["sleep 2", 1, 0],
  ]);
  assert.equal(Reflect.get(emitted[0]?.data ?? {}, "ticks"), 1);
});

const crashes: [Crash, string[]][] = [
  [{ before: "milk" }, ["bread", "milk"]],
  [{ inside: "milk" }, ["bread", "milk", "milk"]],
  [{ after: "milk" }, ["bread", "milk"]],
  [{ at: "end" }, ["bread", "milk"]],
];

for (const [crash, notes] of crashes) {
  Deno.test(`After a crash ${JSON.stringify(crash)} the function runs anew with what was kept`, async () => {
    await using tested = await startService(shop, settings);
    const handled = await tested.handle(said("bread milk"), { crashes: [crash] });
    assert.deepEqual([handled.status, handled.attempts], ["completed", 2]);
    assert.deepEqual(done(tested), notes);
    // Also what the module kept in memory is gone.
    assert.deepEqual(tested.log.map(({ text }) => text), ["life 1", "life 1"]);
    const milk = "inside" in crash ? "milk 2" : "milk 1";
    assert.deepEqual(handled.steps.map(({ result }) => result), ["bread 1", milk]);
  });
}

Deno.test("Several crashes may come in one item, also in a pause and beside another step", async () => {
  await using tested = await startService(shop, settings);
  const handled = await tested.handle(said("bread sleep:90000 beside"), {
    crashes: [{ inside: "sleep 1" }, { after: "left" }],
  });
  assert.deepEqual([handled.status, handled.attempts], ["completed", 4]);
  assert.deepEqual(done(tested).slice(0, 3), ["bread", "left", "right"]);
});

Deno.test("The third crash in a row in a step fails the step, as it does in Livecue", async () => {
  await using tested = await startService(shop, settings);
  const inside = { inside: "bread" };
  const handled = await tested.handle(said("bread"), { crashes: [inside, inside, inside] });
  assert.equal(handled.status, "failed");
  assert.match(handled.error ?? "", /^the step "bread" failed: a crash cut this step: crash 3 of at most 3/);
  assert.match(done(tested).at(-1) ?? "", /^cleaned up: the step "bread" failed/);
});

Deno.test("A crash that never came is a mistake in the test", async () => {
  await using tested = await startService(shop, settings);
  await assert.rejects(tested.handle(said("bread"), { crashes: [{ inside: "honey" }] }), {
    message: 'the item ended before the crash {"inside":"honey"}; its steps were: bread',
  });
});

Deno.test("Results, names and nesting are checked as in Livecue, and a step ends at its time limit", async () => {
  await using tested = await startService(shop, settings);
  const errorOf = async (comment: string) => (await tested.handle(said(comment))).error?.split("\n")[0];
  assert.match(
    await errorOf("a:large") ?? "",
    /passed 69 KB as the result of the step "a": the limit is 64 KB/,
  );
  assert.match(await errorOf("a a") ?? "", /step\("a"\): the item has a step of this name already/);
  assert.match(await errorOf("nested") ?? "", /in the step "outer": a step cannot contain another one/);
  assert.match(await errorOf("a:fails") ?? "", /^the step "a" failed: Error: broken/);
  assert.match(await errorOf("a:hangs") ?? "", /^the step "a" failed: timed out/);
  assert.equal(await errorOf("a:final b"), undefined);
});

Deno.test("A step that was not awaited is cut at the end of its item, and says so", async () => {
  await using tested = await startService(shop, settings);
  const { status, steps } = await tested.handle(said("loose"), { crashes: [{ at: "end" }] });
  assert.equal(status, "completed");
  assert.deepEqual(steps.map(({ name, status, attempts }) => [name, status, attempts]), [
    ["loose", "waiting", 2],
    ["next", "completed", 1],
  ]);
  assert.match(
    tested.log.at(-1)?.text ?? "",
    /^step\("loose"\): item 1 has ended; in processEvent, await each/,
  );
});

Deno.test("A failed item is tried again as the settings say, with what was kept", async () => {
  await using tested = await startService(shop, { ...settings, maxAttempts: 2 });
  const handled = await tested.handle(said("bread milk:fails"));
  assert.deepEqual([handled.status, handled.attempts], ["failed", 2]);
  assert.deepEqual(handled.steps.map(({ attempts }) => attempts), [1, 6]);
  assert.deepEqual(handled.emitted, []);
  assert.equal(done(tested).filter((line) => line.startsWith("cleaned up")).length, 1);
});

Deno.test("One call crashes a service at every boundary, and names the crash at which a check fails", async () => {
  const seen: (Crash | null)[] = [];
  const runs = await crashEverywhere(shop, settings, {
    event: () => said("bread sleep:1000 beside"),
    check({ status }, crash, tested) {
      seen.push(crash);
      assert.equal(status, "completed");
      const isTwice = crash !== null && "inside" in crash && crash.inside === "bread";
      assert.equal(done(tested).filter((line) => line === "bread").length, isTwice ? 2 : 1);
    },
  });
  assert.equal(runs, 1 + 4 * 3 + 1);
  assert.equal(seen.length, runs);
  await assert.rejects(
    crashEverywhere(shop, settings, {
      event: () => said("bread"),
      check: (_handled, _crash, tested) => assert.deepEqual(done(tested), ["bread"]),
    }),
    /^Error: with a crash \{"inside":"bread"\}: /,
  );
});

Deno.test("A service that cannot start says why", async () => {
  await assert.rejects(
    startService(shop, { options: { greting: "Hi" } }),
    /the service cannot start: "options" of the config do not fit the service\n: unknown option/,
  );
  await assert.rejects(startService(new URL("nothing.ts", import.meta.url)), /could not be loaded/);
});
