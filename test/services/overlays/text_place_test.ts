/// <reference lib="dom" />
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Page } from "puppeteer-core";
import { overlays } from "../../../services/overlays/pages/assets/overlay_list.js";
import { testPages } from "../../support/overlays_under_test.ts";

interface Case {
  name: string;
  gift: string;
  comment: string;
  count: number;
  /** What a rule says in the alert, with the name or without it; "" for the page's own words. */
  says: string;
  namesViewer: boolean;
}

const letters = {
  latin: "Maximiliane von Hohenstein ",
  unbroken: "Donaudampfschifffahrtsgesellschaft",
  wide: "W",
  cjk: "龍が如く大好きな視聴者",
  arabic: "محمد عبد الرحمن الكبير ",
  thai: "สวัสดีครับผู้ชมทุกท่าน",
  devanagari: "नमस्ते दर्शकों धन्यवाद ",
  emoji: "🦖👨‍👩‍👧‍👦🔥",
};
const text = fc.tuple(fc.constantFrom(...Object.values(letters)), fc.integer({ min: 1, max: 60 }))
  .map(([sample, length]) => sample.repeat(60).slice(0, length).trim() || "x");
const cases = fc.record<Case>({
  name: text,
  gift: text,
  comment: text,
  count: fc.constantFrom(1, 2, 20, 999, 12_345),
  says: fc.oneof(fc.constant(""), fc.tuple(text, text, text).map((texts) => texts.join(" "))),
  namesViewer: fc.boolean(),
});
const sizes = [[1080, 1920], [1920, 1080], [720, 1280], [640, 360]] as const;
const casesPerPage = 7;

/** In the page: plays a case, and says which texts are not in their place. */
async function problemsOf({ name, gift, comment, count, says, namesViewer }: Case): Promise<string[]> {
  const at = "/assets/made_up.js";
  const madeUp: typeof import("../../../services/overlays/pages/assets/made_up.js") = await import(at);
  const { madeUpComment, madeUpGift, madeUpHello, play } = madeUp;
  // The box around a tilted line is higher than the line.
  document.documentElement.style.setProperty("--tilt", "0deg");
  document.querySelectorAll(".comment, .row, .entry").forEach((one) => one.remove());
  const hello = madeUpHello();
  const board = hello.board.map((one, index) => ({
    ...one,
    name,
    userId: `${name} ${index}`,
    diamonds: 1e6,
  }));
  play("hello", { ...hello, board, recent: [] });
  play("event", madeUpComment(name, comment, ["moderator"]));
  const event = { ...madeUpGift(name, gift, 999, count), streakId: crypto.randomUUID() };
  const alert = { text: says, namesViewer, durationSeconds: null, sound: "none", media: "", size: null };
  play("event", { ...event, alert });
  await Promise.all(
    document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
      .map((animation) => animation.finish()),
  );

  const probe = Object.assign(document.createElement("div"), { className: "frame" });
  document.body.append(probe);
  const safe = probe.getBoundingClientRect();
  probe.remove();

  const visibleBox = (element: Element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    let { left, top, right, bottom } = range.getBoundingClientRect();
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      if (getComputedStyle(one).overflow !== "hidden" || one === document.body) continue;
      const box = one.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom, isWhole: right - left > range.getBoundingClientRect().width - 3 };
  };
  const slack = 6;
  const isIn = (one: DOMRect | ReturnType<typeof visibleBox>, other: DOMRect) =>
    one.left >= other.left - slack && one.right <= other.right + slack &&
    one.top >= other.top - slack && one.bottom <= other.bottom + slack;
  const found: string[] = [];
  const texts = [...document.querySelectorAll("body *")].filter((element) =>
    [...element.childNodes].some((node) => node instanceof Text && (node.textContent ?? "").trim() !== "")
  );
  const seen = texts.map((element) => ({ element, box: visibleBox(element) }))
    .filter(({ box }) => box.right - box.left > 1 && box.bottom - box.top > 1);
  for (const { element, box } of seen) {
    const what = `${element.parentElement?.className} > ${element.className}: ${
      element.textContent?.slice(0, 20)
    }`;
    if (!isIn(box, safe)) found.push(`${what} leaves the safe area: ${JSON.stringify([box, safe])}`);
    const sticker = element.closest(".badge, .rank, .face, #left, .sticker");
    if (sticker !== null && !isIn(box, sticker.getBoundingClientRect())) {
      found.push(`${what} leaves its sticker`);
    }
    if (/×[\d,]+$|^[\d,]+$/.test(element.textContent ?? "") && !box.isWhole) found.push(`${what} is cut`);
    for (const other of seen) {
      if (element === other.element || element.contains(other.element) || other.element.contains(element)) {
        continue;
      }
      const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      // A line's letters may reach a little into the next line.
      const line = Math.min(box.bottom - box.top, other.box.bottom - other.box.top);
      if (width > slack && height > Math.max(slack, 0.3 * line)) {
        found.push(`${what} covers ${other.element.textContent?.slice(0, 20)}`);
      }
    }
  }
  return found;
}

async function check(page: Page, url: string, seed: number): Promise<void> {
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  const found: string[] = [];
  for (const [width, height] of sizes) {
    await page.setViewport({ width, height });
    for (const { name } of overlays) {
      const open = () => page.goto(`${url}/${name}?preview=quiet&title=${"Long title ".repeat(9)}`);
      await open();
      for (const one of fc.sample(cases, { seed, numRuns: casesPerPage })) {
        // It shows one alert after the other.
        if (name === "alerts") await open();
        for (const problem of await page.evaluate(problemsOf, one)) {
          found.push(`/${name} at ${width}×${height}: ${problem} (${JSON.stringify(one)})`);
        }
      }
    }
  }
  assert.deepEqual(found.slice(0, 20), []);
}

testPages(
  "On every page and at every size, no text leaves its place, covers another, or hides a count",
  ({ page, overlays: { url } }) => check(page, url, 20_261_127),
);
