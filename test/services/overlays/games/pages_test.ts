/// <reference lib="dom" />
/** The pages of games, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import decodeQR from "qr/decode.js";
import { commentBy, follow, roses, viewer } from "../../../support/overlay_events.ts";
import { openPage, startOverlays, testPages, waitForTexts } from "../../../support/overlays_under_test.ts";
import { post } from "../../../support/page_stream.ts";
import { withPage } from "../../../support/browser.ts";

async function ask(url: string, request: object): Promise<void> {
  assert.equal((await post(`${url}/game`, request)).status, 204);
}

const hostile = `<img src=x onerror="window.pwned=1">\u202E${"W".repeat(80)}${"\u0301\u0489".repeat(40)}`;

/** Fails if a text has become markup, the page has asked anybody else, or something is outside of the picture. */
async function assertHarmless(page: Page, selector: string): Promise<void> {
  const found = await page.evaluate((selector) => {
    const boxes = [...document.querySelectorAll(selector)].map((each) => each.getBoundingClientRect());
    return {
      isPwned: "pwned" in globalThis,
      intruders: document.querySelectorAll("body :is(script, style, a, iframe, input, img[src='x'])").length,
      foreign: [...document.images].filter(({ src }) => !src.startsWith(location.origin)).length,
      outside: boxes.filter((box) =>
        box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight
      )
        .length,
      count: boxes.length > 0,
    };
  }, selector);
  assert.deepEqual(found, { isPwned: false, intruders: 0, foreign: 0, outside: 0, count: true });
}

testPages("The timer counts down, and says who adds time, in any name", async ({ page, overlays }) => {
  const { url, tested: { feed } } = overlays;
  await page.setViewport({ width: 1080, height: 1920 });
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await openPage(page, url, "/timer");
  await waitForTexts(page, "#left", ["10:00"]);
  await ask(url, { timer: "start" });
  await page.waitForFunction(() => document.querySelector("#left")?.textContent === "9:59");
  await feed.add(1, { ...follow(hostile), id: 1 });
  await page.waitForSelector("#added .name", { visible: true });
  assert.equal(await page.$eval("#added .name", ({ textContent }) => textContent), hostile);
  await waitForTexts(page, "#added .number", ["+90 s"]);
  await assertHarmless(page, "#timer, #added");
  await ask(url, { timer: "pause" });
  await waitForTexts(page, "#note", ["Paused"]);
}, { timer: { minutes: 10 }, rules: [{ when: "FollowEvent", do: { timer: { add_seconds: 90 } } }] });

testPages(
  "The wheel stops at the slice that Livecue has drawn, also where the page was reloaded",
  async ({ page, overlays }) => {
    const { url, tested: { feed } } = overlays;
    await page.setViewport({ width: 1080, height: 1920 });
    await openPage(page, url, "/wheel");
    assert.equal(await page.$eval("#wheel", (wheel) => (wheel as HTMLElement).hidden), true);
    await feed.add(1, { ...roses(hostile, 1), id: 1 });
    await page.waitForSelector("#wheel", { visible: true });
    const { wheel: { slices, spin } } = await (await fetch(`${url}/games`)).json();
    await page.reload();
    await page.waitForSelector("#result .what", { visible: true });
    assert.equal(
      await page.$eval("#result .what", ({ textContent }) => textContent),
      slices[spin.result].name,
    );
    // The slice under the pointer, at the top of the wheel.
    const at = await page.evaluate(() => {
      const { left, width, top } = document.querySelector("#wheel")!.getBoundingClientRect();
      const depth = width * 0.08;
      const sectors = document.elementsFromPoint(left + width / 2, top + depth).filter((each) =>
        each.matches(".sector")
      );
      return [...document.querySelectorAll(".sector")].indexOf(sectors[0] as Element);
    });
    assert.equal(at, spin.result);
    assert.equal(await page.$eval("#result .for .name", ({ textContent }) => textContent), hostile);
    await assertHarmless(page, "#wheel, #result");
    // Nothing moves on for ever.
    await page.waitForFunction(() =>
      document.getAnimations().every(({ playState }) => playState !== "running")
    );
  },
  {
    wheel: {
      slices: ["Sing", "Dance", { name: "X".repeat(60), weight: 2 }, "Joke"],
      spin_seconds: 3,
      show_seconds: 60,
    },
    rules: [{ when: "GiftEvent", do: { wheel: "spin" } }],
  },
);

testPages("The poll shows its votes, and its winner at the end", async ({ page, overlays }) => {
  const { url, tested: { feed } } = overlays;
  await page.setViewport({ width: 1080, height: 1920 });
  await openPage(page, url, "/poll");
  const options = ["W".repeat(40), "B", "C", "D", "E", "<b>F</b>"];
  await ask(url, { poll: { question: "<i>?</i>".padEnd(120, "漢"), options, seconds: 60 } });
  await waitForTexts(page, ".option .name", options);
  await feed.add(1, { ...commentBy(viewer("Ana"), "6"), id: 1 });
  await feed.add(2, { ...commentBy(viewer("Bo"), "6"), id: 2 });
  await feed.add(3, { ...commentBy(viewer("Cy"), "1"), id: 3 });
  await waitForTexts(page, ".option .percent", ["33%", "0%", "0%", "0%", "0%", "67%"]);
  await assertHarmless(page, "#poll, .option, #question, .option .name");
  await ask(url, { poll: "close" });
  await waitForTexts(page, ".winner .name", ["<b>F</b>"]);
  await ask(url, { poll: "hide" });
  await page.waitForSelector("#poll", { hidden: true });
});

testPages("The battle shows points, and who has won", async ({ page, overlays }) => {
  const { url, tested: { feed } } = overlays;
  await page.setViewport({ width: 1080, height: 1920 });
  await openPage(page, url, "/battle");
  await ask(url, { battle: "start" });
  await feed.add(1, { ...roses("Bo", 1500), id: 1 });
  await waitForTexts(page, ".points", ["1,500", "0", "0", "0"]);
  await ask(url, { battle: "stop" });
  await waitForTexts(page, "#outcome .name", ["W".repeat(40)]);
  await assertHarmless(page, "#battle, .side, #outcome, .points");
}, {
  battle: {
    sides: [{ name: "W".repeat(40), gifts: ["Rose", "Finger Heart"] }, { name: "B" }, { name: "C" }, {
      name: "D",
    }],
  },
});

Deno.test("The latest gift and follow are shown also after a kill, in any name", async () => {
  await withPage(async (page) => {
    const first = await startOverlays();
    await first.tested.feed.add(1, { ...roses(hostile, 5), id: 1 });
    await first.tested.feed.add(2, { ...follow("Ana"), id: 2 });
    for (let id = 3; id < 70; id++) await first.tested.feed.say(id, "hello");
    // What is stored now is all that is left.
    const feed = Object.assign(Object.create(first.tested.feed), {
      state: structuredClone(first.tested.feed.state),
    });
    await first.tested.runner.stop({ graceMs: 0 });
    await using overlays = await startOverlays({
      before: { ...first, tested: { ...first.tested, feed } as never },
    });
    await page.setViewport({ width: 1080, height: 1920 });
    await openPage(page, overlays.url, "/now?show=follow,gift,top,subscribe");
    await waitForTexts(page, ".card .name", ["Ana", hostile, hostile]);
    await waitForTexts(page, ".card .words", ["Rose ×5", "5 diamonds"]);
    await assertHarmless(page, ".card");
  });
});

testPages("A phone reads the link from the QR code", async ({ page, overlays }) => {
  const link = "https://example.com/?a=<b>&c=ä";
  await page.goto(`${overlays.url}/qr?${new URLSearchParams({ link, caption: "W".repeat(100) })}`);
  await page.waitForSelector("#qr", { visible: true });
  await assertHarmless(page, "#qr, #caption");
  const pixels = await page.$eval("#code", (code) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 400;
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    context.fillStyle = "white";
    context.fillRect(0, 0, 400, 400);
    context.drawImage(code as HTMLImageElement, 20, 20, 360, 360);
    return [...context.getImageData(0, 0, 400, 400).data];
  });
  assert.equal(decodeQR({ width: 400, height: 400, data: Uint8ClampedArray.from(pixels) }), link);
  const refused = await fetch(`${overlays.url}/qr_code?text=${"x".repeat(301)}`);
  assert.deepEqual([refused.status, (await refused.text()).includes("use a short link")], [400, true]);
});

testPages("The pointer of the wheel does not cover a slice's text", async ({ page, overlays }) => {
  for (const [width, height] of [[1080, 1920], [1920, 1080], [360, 640]] as const) {
    await page.setViewport({ width, height });
    await page.goto(`${overlays.url}/wheel?preview=still&show=always`);
    await page.waitForSelector(".label");
    const gap = await page.evaluate(() => {
      const disc = document.querySelector("#disc") as HTMLElement;
      // The slice's text stands under the pointer when its slice is turned to the top.
      document.getAnimations().forEach((animation) => animation.cancel());
      disc.style.transform = "rotate(-36deg)";
      const label = document.querySelector(".label")!.getBoundingClientRect();
      return label.top - document.querySelector("#pointer")!.getBoundingClientRect().bottom;
    });
    assert(gap > 0, `${width}: ${gap}`);
  }
});

/** In the page: shows a game that is as full as it can be, and says which of these texts are cut or outside. */
async function cutTexts(name: "poll" | "battle", text: string, selector: string): Promise<string[]> {
  const at = "/assets/made_up.js";
  const madeUp: typeof import("../../../../services/overlays/pages/assets/made_up.js") = await import(at);
  const all = (count: number) => Array.from({ length: count }, (_, index) => index);
  const views = {
    poll: {
      number: 9,
      phase: "open" as const,
      question: text.repeat(9).slice(0, 120),
      options: all(6).map((index) => ({ text: text.slice(0, 40), votes: 3000 + index })),
      leftMs: 86_400_000,
      winners: [],
    },
    battle: {
      number: 9,
      phase: "running" as const,
      sides: all(4).map((index) => ({ name: text.slice(0, 40), gifts: [text], points: 9e14 + index })),
      leftMs: 86_400_000,
      winner: null,
    },
  };
  madeUp.play("hello", madeUp.madeUpHello({ games: {} }));
  madeUp.play("game", { name, view: views[name] } as never);
  await new Promise((resolve) => requestAnimationFrame(resolve));
  const frame = document.querySelector(".game")!.getBoundingClientRect();
  return [...document.querySelectorAll<HTMLElement>(selector)].flatMap((one) => {
    const { left, right } = one.getBoundingClientRect();
    const isCut = one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
    const isOutside = left < frame.left || right > frame.right;
    return isCut || isOutside ? [`${one.textContent}`] : [];
  });
}

testPages("No name hides the points of a battle or the votes of a poll", async ({ page, overlays }) => {
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  const texts = ["W".repeat(60), "👨‍👩‍👧‍👦".repeat(9), "محمد عبد الرحمن ".repeat(4), "Z\u0301\u0489".repeat(20)];
  for (const [width, height] of [[1080, 1920], [390, 693], [1920, 1080]] as const) {
    await page.setViewport({ width, height });
    for (const [name, selector] of [["battle", ".points"], ["poll", ".percent"]] as const) {
      await page.goto(`${overlays.url}/${name}?preview=quiet`);
      for (const text of texts) assert.deepEqual(await page.evaluate(cutTexts, name, text, selector), []);
      if (name === "poll") {
        assert.match(await page.$eval("#note", ({ textContent }) => textContent ?? ""), /^18,015 votes/);
      }
    }
  }
});

testPages("A slice's label shows a family of emoji whole", async ({ page, overlays }) => {
  await page.goto(`${overlays.url}/wheel?show=always`);
  await page.waitForSelector(".label");
  assert.equal(await page.$eval(".label", ({ textContent }) => textContent), "👨‍👩‍👧‍👦".repeat(5));
}, { wheel: { slices: ["👨‍👩‍👧‍👦".repeat(5), "B"] } });
