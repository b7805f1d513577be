/** The game goes on, whatever happens to its page and its browser. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exampleDino, ignore, until, withDino } from "../../support/dino_under_test.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { browserPath } from "../../support/browser.ts";
import { startRunner } from "../../support/runner_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const rules = [
  { when: "CommentEvent", do: { action: "jump" } },
  { when: "GiftEvent", do: { action: "night", seconds: 60 } },
];

Deno.test({
  name: "A browser killed in the midst of an action is opened again, and the action goes on in it",
  ignore,
}, async () => {
  await withDino({ rules }, async ({ tested, browser }) => {
    const first = browser.pid;
    const page = await browser.page();
    assert.deepEqual(await tested.feed.add(1, makeGift()), { kind: "completed" });
    await until(page, "game.inverted");
    Deno.kill(first, "SIGKILL");
    await tested.log.heard(/^The browser was closed or has crashed/);
    assert.deepEqual(await tested.feed.add(2, makeEvent()), { kind: "completed" });
    assert.notEqual(browser.pid, first);
    await until(await browser.page(), "game.inverted");
    const said = tested.log.entries.map(({ text }) => text);
    assert.equal(said.filter((text) => /^The browser was closed or has crashed/.test(text)).length, 1);
    assert.equal(said.filter((text) => /^The game runs in/.test(text)).length, 2);
  });
});

Deno.test({
  name: "A browser that is killed while it starts is started once more, and events wait for it",
  ignore,
}, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "killed_once.sh");
    const script = ["#!/bin/sh", `mkdir "${folder}/once" && kill -9 $$`, `exec "${browserPath}" "$@"`];
    Deno.writeTextFileSync(path, script.join("\n"), { mode: 0o755 });
    await using tested = await startRunner(exampleDino.serviceClass, {
      options: { headless: true, browser_path: path, rules },
      permissions: { ...exampleDino.permissions, run: [path] },
    });
    assert.deepEqual(await tested.feed.add(1, makeEvent()), { kind: "completed" });
    assert(!tested.log.entries.some(({ text }) => text.startsWith("No game")));
  });
});

Deno.test({
  name: "A page that is led elsewhere comes back to the game; a closed one is opened again",
  ignore,
}, async () => {
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    await page.goto("chrome://version/");
    await tested.log.heard(/page was lost/);
    assert.deepEqual(await tested.feed.add(1, makeEvent()), { kind: "completed" });
    await until(page, "game.playing");
    await page.close();
    assert.deepEqual(await tested.feed.add(2, makeEvent()), { kind: "completed" });
  });
});

Deno.test({ name: "A page that crashes is replaced", ignore }, async () => {
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    assert.deepEqual(await tested.feed.add(1, makeGift()), { kind: "completed" });
    await until(page, "game.inverted");
    // It never answers, being dead.
    page.goto("chrome://crash/").catch(() => {});
    await tested.log.heard(/page was lost \(it crashed\)/);
    assert.deepEqual(await tested.feed.add(2, makeEvent()), { kind: "completed" });
  });
});

Deno.test({
  name:
    "What a killed Livecue had accepted goes on at its next start, and an item that comes again adds nothing",
  ignore,
}, async () => {
  const state = new Map<string, unknown>();
  await withDino({ rules, state }, async ({ tested }) => {
    assert.deepEqual(await tested.feed.add(7, makeGift()), { kind: "completed" });
    state.set("service deeds", tested.feed.state.get("service deeds"));
  });
  await withDino({ rules, state }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.inverted");
    assert.deepEqual(await tested.feed.add(7, makeGift()), { kind: "completed" });
    const [night, ...more] = await page.evaluate("livecue.status().deeds.entries") as { times: number }[];
    assert.deepEqual([night?.times, more], [1, []]);
  });
});

Deno.test({ name: "What was accepted on another evening does not go on", ignore }, async () => {
  const state = new Map<string, unknown>();
  await withDino({ rules, state }, async ({ tested }) => {
    await tested.feed.add(1, makeGift());
    const kept = tested.feed.state.get("service deeds") as { at: number };
    state.set("service deeds", { ...kept, at: kept.at - 11 * 60_000 });
  });
  await withDino({ rules, state }, async ({ browser }) => {
    const page = await browser.page();
    assert.deepEqual(await page.evaluate("livecue.status().deeds.entries"), []);
  });
});
