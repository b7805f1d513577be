/// <reference lib="dom" />
/** The page /speak, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import type { SpokenWord } from "../../../services/tts/speech.ts";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { heardSound, loudnessOfNext, recordSound, soundArgs } from "../../support/heard_sound.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { post } from "../../support/page_stream.ts";
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
  files: string[];
}

async function untilEnded(tts: TtsUnderTest, id: number): Promise<Told> {
  while (true) {
    const speech = await (await fetch(`${tts.url}/speech/${id}`)).json();
    if (!["waiting", "speaking"].includes(speech.state)) return speech;
  }
}

const moderator = viewer("Ana", { roles: ["moderator"] });

testPage("A comment plays to its end, and its words light up one by one", async (parts) => {
  const { page, tts } = parts;
  await recordSound(page);
  await page.goto(`${tts.url}/speak?captions=1`);
  await untilPages(tts.url, 1);
  const words = ["Good", "evening", "to", "you", "all"];
  await collectLitWords(page);
  await tts.tested.feed.add(1, commentBy(moderator, "Good evening, to you all!"));
  await page.waitForFunction(() => document.querySelector("#captions .said:last-child"), { timeout: 20_000 });
  assert.equal(await page.$eval("#captions", ({ textContent }) => textContent), "Good evening, to you all!");
  const { state, durationMs, words: spoken } = await untilEnded(tts, 1);
  assert.equal(state, "spoken");
  assert.deepEqual(spoken.map(({ from, to }) => "Good evening, to you all!".slice(from, to)), words);
  const { seconds, loudest } = await heardSound(page);
  assert(Math.abs(seconds - durationMs / 1000) < 0.25, `${seconds} s heard of ${durationMs} ms`);
  assert(loudest > 0.2, `${loudest}`);
  const lit = await page.evaluate(() => (globalThis as unknown as { lit: string[] }).lit);
  // A slow browser may skip a word, but never goes back.
  assert(lit.length >= 3, lit.join());
  assert.deepEqual(lit, words.filter((word) => lit.includes(word)));
});

/** Records each word that the captions light up in `lit`. */
async function collectLitWords(page: Page): Promise<void> {
  await page.evaluate(() => {
    const lit: string[] = [];
    (globalThis as unknown as { lit: string[] }).lit = lit;
    const captions = document.querySelector("#captions") as Element;
    new MutationObserver(() => {
      const now = captions.querySelector(".now")?.textContent;
      if (now !== undefined && now !== null && now !== lit.at(-1)) lit.push(now);
    }).observe(captions, { subtree: true, childList: true, attributes: true });
  });
}

const longText =
  "The first sentence is here, and it is made of so many words that a second one would be too much " +
  "for one part of it, which is what this is about. The next sentence has a part of its own, as you will hear.";

testPage(
  "A long text plays without a gap between its segments, and a skip ends it at once",
  async (parts) => {
    const { page, tts } = parts;
    await recordSound(page);
    await page.goto(`${tts.url}/speak`);
    await untilPages(tts.url, 1);
    await tts.tested.feed.add(1, commentBy(moderator, longText));
    const { state, durationMs, files } = await untilEnded(tts, 1);
    assert.deepEqual([state, files.length], ["spoken", 2]);
    const { seconds, pauses } = await heardSound(page);
    assert(Math.abs(seconds - durationMs / 1000) < 0.3, `${seconds} s heard of ${durationMs} ms`);
    assert(Math.max(...pauses) < 0.6, `pauses of ${pauses.join(", ")} s`);

    const begun = page.waitForRequest((request) => request.url().endsWith("/heard"));
    await tts.tested.feed.add(2, commentBy(viewer("Ben", { roles: ["moderator"] }), longText));
    await begun;
    await tts.tested.feed.add(3, commentBy(moderator, "!skip"));
    assert.equal((await untilEnded(tts, 2)).state, "skipped");
    await loudnessOfNext(page, 0.2);
    assert.equal(await loudnessOfNext(page, 1), 0);
  },
  { options: { repeat_seconds: 0, voice: { rate: 1.5 } } },
);

testPage(
  "Muted or at volume 0, the page is silent, and the text still counts as spoken",
  async ({ page, tts }) => {
    await recordSound(page);
    await page.goto(`${tts.url}/speak?captions=1`);
    await untilPages(tts.url, 1);
    await post(`${tts.url}/mute`, { isMuted: true });
    await tts.tested.feed.add(1, commentBy(moderator, "Nobody hears this"));
    assert.equal((await untilEnded(tts, 1)).state, "spoken");
    assert((await heardSound(page)).loudest < 0.01);
    await post(`${tts.url}/mute`, { isMuted: false });
    await post(`${tts.url}/volume`, { volume: 0.1 });
    await tts.tested.feed.add(2, commentBy(moderator, "Somebody hears this"));
    assert.equal((await untilEnded(tts, 2)).state, "spoken");
    const { loudest } = await heardSound(page);
    assert(loudest > 0.02 && loudest < 0.15, `${loudest}`);
  },
);

testPage(
  "An address with a volume that is no number speaks as loud as one without",
  async ({ page, tts }) => {
    await recordSound(page);
    await page.goto(`${tts.url}/speak?volume=loud`);
    await untilPages(tts.url, 1);
    await tts.tested.feed.add(1, commentBy(moderator, "Hello"));
    assert.equal((await untilEnded(tts, 1)).state, "spoken");
    assert((await heardSound(page)).loudest > 0.2);
  },
);

/** Waits for a value in the page. Evaluation by puppeteer itself would count as a click, which allows sound. */
async function untilWithoutGesture(page: Page, expression: string): Promise<void> {
  const session = await page.createCDPSession();
  while (!(await session.send("Runtime.evaluate", { expression })).result.value);
  await session.detach();
}

testPage(
  "A page that needs a click before it may play says so, and gets no text until then",
  async (parts) => {
    const { page, tts } = parts;
    await page.goto(`${tts.url}/speak`);
    await untilWithoutGesture(page, 'document.querySelector("#allow:not([hidden])") !== null');
    await tts.tested.feed.add(1, commentBy(moderator, "Nobody hears this"));
    assert.equal((await untilEnded(tts, 1)).state, "not heard");
    await page.click("#allow");
    await untilPages(tts.url, 1);
    await untilWithoutGesture(page, 'document.querySelector("#allow").hidden');
    await tts.tested.feed.add(2, commentBy(moderator, "This is heard"));
    assert.equal((await untilEnded(tts, 2)).state, "spoken");
  },
  { options: { reconnect_seconds: 0 }, args: [] },
);

testPage(
  "The captions have a page of their own, and show all scripts unchanged",
  async (parts) => {
    const { page, tts } = parts;
    await page.goto(`${tts.url}/speak`);
    const captions = await page.browser().newPage();
    await captions.goto(`${tts.url}/captions`);
    await untilPages(tts.url, 1);
    const texts = [
      "¿Cómo estás, José?",
      "مرحبا بكم جميعا",
      "大家晚上好",
      "こんばんは、みなさん",
      "<b>bold</b> & more",
    ];
    for (const [index, text] of texts.entries()) {
      await tts.tested.feed.add(index + 1, commentBy(moderator, text));
      const isShown = (text: string) => document.querySelector("#captions")?.textContent === text;
      await captions.waitForFunction(isShown, { timeout: 20_000, polling: 50 }, text);
      await captions.waitForSelector("#captions :is(.now, .said)");
      assert.equal((await untilEnded(tts, index + 1)).state, "spoken");
    }
    assert.equal(await captions.$("#captions b"), null);
  },
);
