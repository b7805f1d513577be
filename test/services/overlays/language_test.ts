/// <reference lib="dom" />
/** The pages in the user's language. */
import assert from "node:assert/strict";
import spanish from "../../../src/languages/es.json" with { type: "json" };
import { english, speak } from "../../../src/language.ts";
import { follow, roses } from "../../support/overlay_events.ts";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { openPage, startOverlays, waitForTexts } from "../../support/overlays_under_test.ts";

const rules = [{ when: "FollowEvent", do: { text: "{user} is here" } }, { when: "GiftEvent", do: {} }];

Deno.test({
  name: "Where Livecue is Spanish, the index page and the alerts are, and a rule's text stays as it is",
  ignore: lacksBrowser,
  fn: () =>
    withPage(async (page) => {
      speak({ tag: "es", catalogue: spanish });
      try {
        await using overlays = await startOverlays({ options: { rules, wait_for_alerts: false } });
        const { feed } = overlays.tested;
        await page.goto(overlays.url);
        await waitForTexts(page, ".card.goal h2, .card.timer h2", ["Meta", "Temporizador"]);
        await waitForTexts(page, ".steps p :first-child", [
          "Copia la URL",
          "Fuentes",
          "1080",
          "Pulsa un botón de prueba",
        ]);
        await page.click("input[value=across]");
        await waitForTexts(page, "#width", ["1920"]);
        assert.equal(await page.title(), "Overlays de Livecue");
        assert.equal(await page.evaluate(() => document.documentElement.lang), "es");
        assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /\b(?:the|and|which|of)\b/i);
        await openPage(page, overlays.url, "/alerts?duration=2&volume=0");
        await feed.add(1, roses("Ana", 12_345));
        await waitForTexts(page, ".alert .words", ["envió Rose"]);
        await waitForTexts(page, ".alert .badge .number", ["×12.345"]);
        await feed.add(2, follow("Ben"));
        await waitForTexts(page, ".alert:not(.leaving) .words", ["is here"]);
      } finally {
        speak(english);
      }
    }),
});
