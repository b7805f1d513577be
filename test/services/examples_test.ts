import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { makeEvent, makeGift } from "../support/events.ts";
import { startRunner } from "../support/runner_under_test.ts";

const pathOf = (name: string) => fileURLToPath(new URL(`../../services/${name}.ts`, import.meta.url));

Deno.test("Dummy succeeds at everything", async () => {
  await using tested = await startRunner(pathOf("dummy"));
  assert.deepEqual(await tested.feed.add(1, makeEvent()), { kind: "completed" });
  assert.deepEqual(await tested.feed.add(2, makeGift()), { kind: "completed" });
});

Deno.test("Slow takes its time, and gives up when its item's time is over", async () => {
  await using quick = await startRunner(pathOf("slow"), { options: { delay_ms: 1 } });
  assert.deepEqual(await quick.feed.add(1, makeEvent()), { kind: "completed" });
  await using slow = await startRunner(pathOf("slow"), { options: { delay_ms: 1e8 }, timeoutMs: 2000 });
  const item = slow.feed.add(1, makeEvent());
  slow.clock.advance(2000);
  assert.deepEqual(await item, { kind: "failed", error: "timed out after 2 s" });
  assert.equal(slow.runner.state.phase, "running");
});

Deno.test("Slow refuses a delay that is none", async () => {
  await using tested = await startRunner(pathOf("slow"), { options: { delay_ms: "a while" } });
  await tested.log.heard(/delay_ms: found "a while", expected milliseconds, 0 or more/);
});

Deno.test("Verbose says what happened, for every type of event", async () => {
  await using tested = await startRunner(pathOf("verbose"));
  await tested.feed.add(1, makeGift({ count: 5 }));
  await tested.feed.add(2, makeEvent());
  await tested.feed.add(3, makeEvent({ type: "PollEvent", data: { title: "Tea?", options: [] } }));
  assert.deepEqual(tested.log.entries.map(({ text }) => text), [
    "Ana sent 5 × Rose (5 diamonds)",
    "Ana: hello",
    'PollEvent {"title":"Tea?","options":[]}',
  ]);
});

Deno.test("The greeter of the guide runs as it stands", async () => {
  await using tested = await startRunner("greeter");
  assert.deepEqual(await tested.feed.add(1, makeEvent()), { kind: "completed" });
  assert.equal((await tested.feed.add(2, makeGift())).kind, "failed");
  await tested.log.heard(/^Ana: hello$/);
});
