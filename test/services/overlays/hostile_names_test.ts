/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { LiveEvent } from "../../../src/event.ts";
import { makeEvent } from "../../support/events.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { openPage, testPages } from "../../support/overlays_under_test.ts";

const hostileTexts = [
  '<img src=x onerror="window.pwned = 1">',
  "<script>window.pwned = 1</script>",
  '"><svg/onload=window.pwned=1><style>*{display:none}</style>',
  "javascript:window.pwned=1//</title></textarea>{{constructor.constructor('window.pwned=1')()}}",
  `\u202Eevil\u2066${"W".repeat(300)}${"\u0301\u0300\u0489".repeat(60)}`,
];

/** A comment and a gift in which all that a viewer can choose is this text. */
function hostileEvents(text: string): LiveEvent[] {
  const user = viewer(text, { avatarUrl: "https://evil.example/a.png" });
  const gift = {
    id: 1,
    name: text,
    diamondCount: 5,
    isStreakable: true,
    imageUrl: "javascript:window.pwned=1",
  };
  const streak = { id: text, count: 1, delta: 1, hasEnded: true };
  const given = makeEvent<"GiftEvent">({
    type: "GiftEvent",
    user,
    streak,
    data: { gift, repeatCount: 1, receiver: null },
  });
  return [commentBy(user, text), given];
}

for (const path of ["alerts?duration=0.5&volume=0", "chat", "ticker?types=gift,comment", "leaderboard"]) {
  testPages(
    `Names, comments and gifts made of markup and script are only text at /${path}`,
    async ({ page, overlays }) => {
      const { feed } = overlays.tested;
      const requests: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      await openPage(page, overlays.url, `/${path}`);
      let id = 0;
      for (const text of hostileTexts) {
        for (const event of hostileEvents(text)) void feed.add(++id, event);
        const isShown = (text: string) =>
          [...document.querySelectorAll(".name")].some((name) => name.textContent === text);
        await page.waitForFunction(isShown, { timeout: 10_000 }, text);
        const found = await page.evaluate(() => ({
          isPwned: "pwned" in globalThis,
          intruders: document.querySelectorAll("body :is(script, svg, style, a, iframe, input)").length,
          foreign: [...document.images].filter(({ src }) => !src.startsWith(location.origin)).length,
          tooLarge: [...document.querySelectorAll<HTMLElement>(".name")]
            .filter(({ offsetWidth, offsetHeight }) => offsetWidth > 1000 || offsetHeight > 100).length,
        }));
        assert.deepEqual(found, { isPwned: false, intruders: 0, foreign: 0, tooLarge: 0 });
      }
      assert.deepEqual(requests.filter((url) => !url.startsWith(overlays.url)), []);
    },
  );
}
