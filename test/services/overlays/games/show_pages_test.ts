/// <reference lib="dom" />
/** The pages of the raffle, the countdown and the soundboard, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import type { GameViews } from "../../../../services/overlays/games/games.ts";
import { lacksBrowser, withPage } from "../../../support/browser.ts";
import { heardSound, recordSound, soundArgs } from "../../../support/heard_sound.ts";
import { commentBy, follow, viewer } from "../../../support/overlay_events.ts";
import {
  openPage,
  type OverlaysUnderTest,
  startOverlays,
  testPages,
  waitForTexts,
} from "../../../support/overlays_under_test.ts";
import { post } from "../../../support/page_stream.ts";
import { withFolder } from "../../../support/temporary_store.ts";

const hostile = `<img src=x onerror="window.pwned=1">\u202E${"W".repeat(80)}${"\u0301\u0489".repeat(40)}`;

async function ask(url: string, request: object): Promise<void> {
  const answer = await post(`${url}/game`, request);
  assert.equal(answer.status, 204);
}

async function views(url: string): Promise<GameViews> {
  return await (await fetch(`${url}/games`)).json();
}

async function assertInside(page: Page, selector: string): Promise<void> {
  const found = await page.evaluate((selector) => {
    const boxes = [...document.querySelectorAll(selector)].map((each) => each.getBoundingClientRect());
    return {
      isPwned: "pwned" in globalThis,
      intruders: document.querySelectorAll("body :is(script, style, a, iframe, img)").length,
      outside: boxes.filter((box) =>
        box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight
      ).length,
      isThere: boxes.length > 0,
    };
  }, selector);
  assert.deepEqual(found, { isPwned: false, intruders: 0, outside: 0, isThere: true });
}

/** `kept`: what an earlier run had stored when it was killed. */
function testRaffle(
  name: string,
  use: (
    page: Page,
    start: (before?: OverlaysUnderTest) => Promise<OverlaysUnderTest>,
  ) => Promise<void>,
  raffle: Record<string, unknown> = {},
): void {
  Deno.test({
    name,
    ignore: lacksBrowser,
    fn: () =>
      withFolder((dataFolder) =>
        withPage(async (page) => {
          await page.setViewport({ width: 1080, height: 1920 });
          await use(
            page,
            (before) =>
              startOverlays({ options: { raffle }, dataFolder, ...(before === undefined ? {} : { before }) }),
          );
        })
      ),
  });
}

testRaffle(
  "The raffle shows how to enter, who does in any name, its hash, and then its winner and seed",
  async (page, start) => {
    await using overlays = await start();
    const { url, tested: { feed } } = overlays;
    await openPage(page, url, "/raffle");
    await ask(url, { raffle: { prize: "<b>A mug</b>", seconds: 600 } });
    await waitForTexts(page, "#prize", ["<b>A mug</b>"]);
    await waitForTexts(page, "#how", ["Write !raffle to take part"]);
    for (const [index, name] of [hostile, "Ana", "__proto__", hostile].entries()) {
      await feed.add(index + 1, { ...commentBy(viewer(name), "!raffle"), id: index + 1 });
    }
    await waitForTexts(page, "#count", ["3 entrants"]);
    await waitForTexts(page, "#latest .name", ["__proto__", "Ana", hostile]);
    const { raffle: { hash } } = await views(url);
    await waitForTexts(page, "#proof", [`SHA-256 ${hash}`]);
    await assertInside(page, "#raffle, #latest .name, #proof, #how");
    await ask(url, { raffle: "draw" });
    await page.waitForSelector("#reel.won");
    const { draw, seed } = (await views(url)).raffle;
    await waitForTexts(page, "#reel .name", [draw!.winner]);
    await waitForTexts(page, "#proof", [`Seed ${seed} · SHA-256 ${hash}`]);
    await assertInside(page, "#raffle, #reel, #proof");
    await ask(url, { raffle: "hide" });
    await page.waitForSelector("#raffle", { hidden: true });
  },
  { spin_seconds: 1 },
);

testRaffle(
  "After a kill between the draw and its end, the page shows the same winner",
  async (page, start) => {
    const first = await start();
    await ask(first.url, { raffle: "open" });
    for (let id = 1; id <= 50; id++) {
      await first.tested.feed.add(id, { ...commentBy(viewer(`Viewer ${id}`), "!raffle"), id });
    }
    await ask(first.url, { raffle: "draw" });
    const winner = (await views(first.url)).raffle.draw?.winner;
    // What is stored now is all that is left.
    const feed = Object.assign(Object.create(first.tested.feed), {
      state: structuredClone(first.tested.feed.state),
    });
    await first.tested.runner.stop({ graceMs: 0 });
    await using overlays = await start({ ...first, tested: { ...first.tested, feed } as never });
    await openPage(page, overlays.url, "/raffle");
    await page.waitForSelector("#reel.won");
    await waitForTexts(page, "#reel .name", [winner ?? ""]);
    await page.waitForFunction(() => document.querySelector("#proof")?.textContent?.startsWith("Seed"));
    const proof = await (await fetch(`${overlays.url}/draw`)).json();
    assert.deepEqual([proof.winner.name, proof.entrants.length], [winner, 50]);
  },
  { spin_seconds: 2 },
);

testPages(
  "The countdown is shown from its start, and says its text at the end",
  async ({ page, overlays: { url } }) => {
    await openPage(page, url, "/countdown?title=Back soon&end=We are back!");
    assert.equal(await page.$eval("#timer", (timer) => (timer as HTMLElement).hidden), true);
    await ask(url, { countdown: { minutes: 0.05 } });
    await waitForTexts(page, "#title", ["Back soon"]);
    await waitForTexts(page, "#note", ["We are back!"]);
    await assertInside(page, "#timer");
    assert.equal((await views(url)).timer.phase, "ready");
    await ask(url, { countdown: "reset" });
    await page.waitForSelector("#timer", { hidden: true });
  },
);

function testSound(
  name: string,
  use: (page: Page, another: () => Promise<Page>, overlays: OverlaysUnderTest) => Promise<void>,
  { args = soundArgs, options = {} }: { args?: string[]; options?: Record<string, unknown> } = {},
): void {
  Deno.test({
    name,
    ignore: lacksBrowser,
    fn: () =>
      withPage(async (page, browser) => {
        await using overlays = await startOverlays({ options });
        await use(page, () => browser.newPage(), overlays);
      }, { args }),
  });
}

const isHeard = () => {
  const { recorded } = globalThis as unknown as { recorded: Float32Array[] };
  return recorded.some((part) => part.some((sample) => Math.abs(sample) > 0.01));
};

const isSilent = () => document.querySelector<HTMLElement>("#playing")?.hidden === true;

testSound(
  "Of two open pages one plays the sound, and both show it, with who asked for it",
  async (page, another, { url, tested }) => {
    const second = await another();
    for (const one of [page, second]) await recordSound(one);
    const first = page.waitForResponse((answer) =>
      answer.url().endsWith("/sound") && answer.status() === 204
    );
    await page.goto(`${url}/soundboard`);
    await first;
    const able = second.waitForResponse((answer) =>
      answer.url().endsWith("/sound") && answer.status() === 204
    );
    await second.goto(`${url}/soundboard`);
    await able;
    await tested.feed.add(1, { ...follow(hostile), id: 1 });
    for (const one of [page, second]) {
      await waitForTexts(one, "#playing .what", ["drumroll"]);
      await waitForTexts(one, "#playing bdi:not(.what)", [hostile]);
      await assertInside(one, "#playing");
    }
    // The page that plays says when the sound is over.
    for (const one of [page, second]) await one.waitForFunction(isSilent, { polling: 50 });
    const heard = [(await heardSound(page)).seconds > 1, (await heardSound(second)).seconds > 1];
    assert.deepEqual(heard.toSorted(), [false, true]);
    // The one that has not played is left.
    const [playing, left] = heard[0] === true ? [page, second] : [second, page];
    await playing.close();
    await ask(url, { soundboard: { sound: "drumroll" } });
    await left.waitForFunction(isHeard, { polling: 50 });
  },
  { options: { rules: [{ when: "FollowEvent", do: { soundboard: { sound: "drumroll" } } }] } },
);

testSound(
  "A browser that plays no sound before a click says so, and plays after it",
  async (page, _, { url }) => {
    await recordSound(page);
    await page.goto(`${url}/soundboard`);
    await page.waitForSelector("#blocked", { visible: true });
    await assertInside(page, "#blocked");
    const able = page.waitForResponse((answer) => answer.url().endsWith("/sound"));
    await page.click("#blocked");
    await page.waitForSelector("#blocked", { hidden: true });
    await able;
    await ask(url, { soundboard: { sound: "drumroll" } });
    await page.waitForFunction(isHeard, { polling: 50 });
  },
  { args: ["--autoplay-policy=document-user-activation-required"] },
);
