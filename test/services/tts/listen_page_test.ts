/// <reference lib="dom" />
/** A single speech on the page /listen, played by a real browser that measures its sound. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { heardSound } from "../../support/heard_sound.ts";
import { assertPauses, listen, pausesIn, testPage, untilState, withTts } from "../../support/listening.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";

function valueOf(page: Page, voice: string): Promise<string> {
  const find = (options: Element[], voice: string) =>
    options.map((option) => option as HTMLOptionElement).find(({ text }) => text === voice)?.value ?? "";
  return page.$$eval("#voice option", find, voice);
}

const moderator = viewer("Ana", { roles: ["moderator"] });

testPage(
  "A speech is heard as long as it is, with no other pauses than those between its words",
  (page) =>
    withTts(async ({ url, tested }) => {
      await tested.feed.add(
        1,
        commentBy(moderator, "One two three four five six seven, eight nine ten. ".repeat(5)),
      );
      await listen(page, `${url}/listen?id=1`);
      await untilState(page, "The speech is over.");
      const { durationMs, words, files } = await (await fetch(`${url}/speech/1`)).json();
      const { seconds, pauses, loudest } = await heardSound(page);
      assert.ok(files.length > 1);
      assert.ok(loudest > 0.2);
      assert.ok(Math.abs(seconds - durationMs / 1000) < 0.25, `${seconds} s heard of ${durationMs} ms`);
      assertPauses(pauses, pausesIn(words));
    }, { voice: { voice: "en-us", rate: 2 } }),
);

testPage(
  "The page plays under its content security policy, in another voice too, with a token",
  (page) =>
    withTts(async ({ url, tested }) => {
      await tested.feed.add(1, commentBy(moderator, "Good evening, to you all!"));
      const mistakes: unknown[] = [];
      page.on("pageerror", (error) => mistakes.push(error));
      page.on("console", (message) => message.type() === "error" && mistakes.push(message.text()));
      await page.goto(`${url}/listen?id=1&token=secret-token`);
      const lengths: number[] = [];
      const voices = (selector: string) =>
        page.$$eval(selector, (options) => options.map(({ textContent }) => textContent));
      for (const voice of ["en-us", "en-gb-scotland"]) {
        await page.click("#listen");
        await untilState(page, "The speech is over.");
        assert.deepEqual(await voices("#voice option:checked"), [voice]);
        lengths.push(await page.$eval("audio", ({ duration }) => duration));
        if (voice === "en-us") await page.select("#voice", await valueOf(page, "en-gb-scotland"));
      }
      assert.equal((await voices("#voice option"))[0], "en-us");
      assert.notEqual(lengths[0], lengths[1]);
      assert.ok(lengths.every((length) => length > 1), lengths.join());
      assert.deepEqual(mistakes, []);
    }, { token: "secret-token" }),
);
