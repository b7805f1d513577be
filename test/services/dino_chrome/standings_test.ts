/** The board and the teams of a live, and what the page shows of them between two runs. */
import assert from "node:assert/strict";
import { Board } from "../../../services/dino_chrome/board.ts";
import { Teams } from "../../../services/dino_chrome/teams.ts";
import type { KeptState, StateOptions } from "../../../src/kit/service.ts";
import { lacksBrowser as ignore } from "../../support/browser.ts";
import { makeGift } from "../../support/events.ts";
import { deedOf, withFastDino } from "../../support/fast_dino.ts";

/** The state of one live. */
function keptState(): KeptState {
  const kept = new Map<string, unknown>();
  return {
    get: <Value>(key: string, _options?: StateOptions) => Promise.resolve(kept.get(key) as Value | undefined),
    set: (key, value) => {
      kept.set(key, structuredClone(value));
      return Promise.resolve();
    },
  };
}

const live = { liveId: 1, source: "main" };

Deno.test("The board has each viewer's longest way from their first deed in a run, also after a restart", async () => {
  const state = keptState();
  const board = new Board(state);
  await board.enter(live);
  const add = (name: string, score: number) =>
    board.add({ id: name, name }, { run: 1, isRunning: true, score });
  await board.reach({ run: 1, isRunning: true, score: 5 });
  add("Ana", 100);
  add("Bo", 300);
  add("Ana", 500);
  await board.reach({ run: 1, isRunning: true, score: 600 });
  assert.equal(await board.reach({ run: 1, isRunning: false, score: 700 }), true);
  await board.reach({ run: 2, isRunning: true, score: 1 });
  add("Bo", 20);
  await board.reach({ run: 2, isRunning: false, score: 80 });
  const restarted = new Board(state);
  await restarted.enter(live);
  assert.deepEqual(restarted.top.map(({ name, points }) => [name, points]), [["Ana", 600], ["Bo", 400]]);
});

Deno.test("A gift counts for its team with its diamonds, once, and its sender belongs to the team", async () => {
  const teams = new Teams(
    [{ name: "Reds", gifts: ["rose"] }, { name: "Blues", gifts: [7] }],
    keptState(),
  );
  const roses = makeGift({ count: 5 });
  assert.equal(await teams.count(roses, { id: 1, count: 5 }), true);
  assert.equal(await teams.count(roses, { id: 1, count: 5 }), false, "the same item again");
  assert.equal(await teams.count(makeGift({ isTest: true }), { id: 2, count: 1 }), false);
  assert.deepEqual(teams.standings.map(({ name, points }) => [name, points]), [["Reds", 5], ["Blues", 0]]);
  assert.equal(teams.of(roses.user.id)?.name, "Reds");
  assert.equal(teams.of("nobody"), undefined);
});

Deno.test({
  name: "Between two runs the page shows who made it farthest, the teams, and when the next run begins",
  ignore,
}, async () => {
  await withFastDino(
    { autopilot: "off", pause_seconds: 5 },
    async ({ page, pass, passUntil, perform, texts }) => {
      const team = { name: "Reds", color: "#f28b82", points: 120 };
      await page.evaluate(`livecue.showStandings(${
        JSON.stringify({
          board: [{ id: "1", name: "Ana", points: 1234 }, { id: "2", name: "Bo", points: 98 }],
          teams: [team],
        })
      })`);
      await perform(deedOf("restart", { name: "Cy" }));
      await pass(0.3);
      assert.deepEqual(await texts(".who"), ["Cy\nended the run"]);
      assert.deepEqual((await texts(".row")).map((row) => row.split("\n")), [
        ["1", "Ana", "1,234"],
        ["2", "Bo", "98"],
        ["Reds", "120"],
      ]);
      assert.deepEqual(await texts(".next"), ["Next run in 5"]);
      await pass(2);
      assert.deepEqual(await texts(".next"), ["Next run in 3"]);
      await passUntil("game.playCount === 2");
      await passUntil("document.querySelector('#livecue').shadowRoot.querySelector('.scene').hidden");
    },
  );
});

Deno.test(
  { name: "The page has no tooltip, and its texts are large on an upright window", ignore },
  async () => {
    await withFastDino({ autopilot: "off", pause_seconds: 2 }, async ({ page, pass, perform, game }) => {
      await page.evaluate("Runner.getInstance().containerEl.setAttribute('title', 'Jump!')");
      await page.setViewport({ width: 1080, height: 1920 });
      await perform(deedOf("night", { name: "W".repeat(60), text: "i".repeat(300), seconds: 60 }));
      await pass(0.3);
      assert.equal(await game("document.querySelectorAll('[title]').length"), 0);
      const line = await page.evaluate(`(() => {
      const line = document.querySelector('#livecue').shadowRoot.querySelector('.action');
      const { left, right } = line.getBoundingClientRect();
      const parts = [...line.children].map((part) => part.getBoundingClientRect().right);
      return { size: parseFloat(getComputedStyle(line).fontSize), isInside: left >= 0 && right <= innerWidth && Math.max(...parts) <= right };
    })()`) as { size: number; isInside: boolean };
      // 14 points on a phone that is 390 points wide.
      assert(line.size >= 39, `${line.size}`);
      assert.equal(line.isInside, true);
    });
  },
);
