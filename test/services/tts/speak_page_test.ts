/// <reference lib="dom" />
/** The page that speaks, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import type { SpokenWord } from "../../../services/tts/speech.ts";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { heardSound, recordSound, soundArgs } from "../../support/heard_sound.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { startTts, type TtsUnderTest, untilPages } from "../../support/tts_under_test.ts";

function testPage(
  name: string,
  use: (parts: { page: Page; tts: TtsUnderTest }) => Promise<void>,
  { options = {}, args = soundArgs }: { options?: Record<string, unknown>; args?: string[] } = {},
): void {
  Deno.test({
    name: lacksBrowser ? `${name} (there is no browser)` : name,
    ignore: lacksBrowser,
    fn: () =>
      withPage((page) =>
        withFolder(async (folder) => {
          await using tts = await startTts({ options, folder });
          await use({ page, tts });
        }), { args }),
  });
}

interface Told {
  state: string;
  durationMs: number;
  words: SpokenWord[];
}

async function untilEnded(tts: TtsUnderTest, id: number): Promise<Told> {
  while (true) {
    const speech = await (await fetch(`${tts.url}/speech/${id}`)).json();
    if (!["waiting", "speaking"].includes(speech.state)) return speech;
  }
}

const moderator = viewer("Ana", { roles: ["moderator"] });

testPage("A comment is heard as long as its sound is, and its words light up one by one", async (parts) => {
  const { page, tts } = parts;
  await recordSound(page);
  await page.goto(`${tts.url}/speak?captions=1`);
  await untilPages(tts.url, 1);
  const words = ["Good", "evening", "to", "you", "all"];
  await tts.tested.feed.add(1, commentBy(moderator, "Good evening, to you all!"));
  for (const word of words) {
    const isNow = (word: string) => document.querySelector("#captions .now")?.textContent === word;
    await page.waitForFunction(isNow, { timeout: 15_000, polling: 10 }, word);
  }
  assert.equal(await page.$eval("#captions", ({ textContent }) => textContent), "Good evening, to you all!");
  const { state, durationMs, words: spoken } = await untilEnded(tts, 1);
  assert.equal(state, "spoken");
  assert.deepEqual(spoken.map(({ from, to }) => "Good evening, to you all!".slice(from, to)), words);
  const { seconds, loudest } = await heardSound(page);
  assert(Math.abs(seconds - durationMs / 1000) < 0.25, `${seconds} s heard of ${durationMs} ms`);
  assert(loudest > 0.2, `${loudest}`);
});
