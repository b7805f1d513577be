/// <reference lib="dom" />
/** The page that plays the stream, in a real browser, with its sound recorded. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import type { SpokenWord } from "../../services/tts/speech.ts";
import { lacksBrowser, withPage } from "./browser.ts";
import { recordSound, soundArgs } from "./heard_sound.ts";
import { withFolder } from "./temporary_store.ts";
import { startTts, type TtsUnderTest } from "./tts_under_test.ts";

export function testPage(name: string, use: (page: Page) => Promise<void>): void {
  Deno.test({
    name: lacksBrowser ? `${name} (there is no browser)` : name,
    ignore: lacksBrowser,
    fn: () => withPage(use, { args: soundArgs }),
  });
}

export async function withTts(use: (tts: TtsUnderTest) => Promise<void>, options = {}): Promise<void> {
  await withFolder(async (folder) => {
    await using tts = await startTts({ options, folder });
    await use(tts);
  });
}

/** Clicks the button, and has what the player plays recorded. */
export async function listen(page: Page, url: string): Promise<void> {
  await recordSound(page);
  await page.goto(url);
  await page.evaluate(() => {
    const context = new AudioContext();
    context.createMediaElementSource(document.querySelector("audio") as HTMLAudioElement)
      .connect(context.destination);
  });
  await page.click("#listen");
}

export async function untilState(page: Page, state: string): Promise<void> {
  const isState = (state: string) => document.querySelector("#state")?.textContent === state;
  await page.waitForFunction(isState, { timeout: 30_000 }, state);
}

/** Waits until so much more was played. */
export async function untilPlayed(page: Page, seconds: number): Promise<void> {
  const end = await page.$eval("audio", ({ currentTime }) => currentTime) + seconds;
  const isPlayed = (end: number) => (document.querySelector("audio")?.currentTime ?? 0) >= end;
  await page.waitForFunction(isPlayed, { timeout: 60_000 }, end);
}

/** To a tenth of a second, because a voice may let a word fade away. */
export function assertPauses(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length, found.join());
  for (const [index, seconds] of found.entries()) {
    assert.ok(Math.abs(seconds - (expected[index] ?? 0)) < 0.1, `${seconds} is not ${expected[index]}`);
  }
}

/** Between words, in seconds. */
export function pausesIn(words: readonly SpokenWord[]): number[] {
  return words.slice(1).map(({ startMs }, index) => (startMs - (words[index]?.endMs ?? 0)) / 1000)
    .filter((seconds) => seconds > 0.05);
}
