/// <reference lib="dom" />
/** The page /, in a real browser. */
import assert from "node:assert/strict";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { soundArgs } from "../../support/heard_sound.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { startTts, untilPages } from "../../support/tts_under_test.ts";

Deno.test({
  name: "The index shows the current text and the open pages, and can try, mute and skip a text",
  ignore: lacksBrowser,
  fn: () =>
    withPage((page, browser) =>
      withFolder(async (folder) => {
        await using tts = await startTts({ folder });
        await page.goto(tts.url);
        const isText = (selector: string, text: string) =>
          document.querySelector(selector)?.textContent === text;
        const untilText = (selector: string, text: string) =>
          page.waitForFunction(isText, { timeout: 15_000, polling: 50 }, selector, text);
        await untilText("#status", "No page /speak is open");
        const links = await page.$$eval("ul a", (found) => found.map(({ textContent }) => textContent ?? ""));
        for (const link of links) {
          const { status } = await fetch(link).then(async (answer) => {
            await answer.body?.cancel();
            return answer;
          });
          assert.equal(status, 200, link);
        }
        assert(links.includes(`${tts.url}/speak?captions=1`));

        const speaking = await browser.newPage();
        await speaking.goto(`${tts.url}/speak`);
        await untilPages(tts.url, 1);
        await page.bringToFront();
        await untilText("#status", "One page /speak is open");
        await page.waitForSelector('#voice option[value="es"]');
        await page.select("#voice", "es");
        await page.$eval("#text", (box) =>
          (box as HTMLTextAreaElement).value = "uno, dos, tres, cuatro, cinco");
        await page.click("#try button");
        await untilText("#said", "Livecue accepted the text.");
        await untilText("#now-text", "uno, dos, tres, cuatro, cinco");
        await page.click("#mute");
        await untilText("#mute", "Unmute");
        await page.click("#skip");
        await untilText("#now-text", "Nothing is being spoken.");
        const told = await (await fetch(`${tts.url}/speech/1`)).json();
        assert.deepEqual([told.state, told.voice], ["skipped", "es"]);

        const hostile = "<img src=x onerror=alert(1)> hello";
        await tts.tested.feed.add(1, commentBy(viewer("<b>Ana</b>", { roles: ["moderator"] }), hostile));
        await untilText("#now-text", hostile);
        await untilText("#now-name", "<b>Ana</b>:");
        await page.$eval("#text", (box) =>
          (box as HTMLTextAreaElement).value = "?!");
        await page.click("#try button");
        await untilText("#said", "The text has nothing that a voice can say.\n");
      }), { args: soundArgs }),
});
