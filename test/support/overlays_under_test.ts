/// <reference lib="dom" />
/** The overlays in a real worker, on a port of their own, with no more permissions than they need. */
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import type { Status } from "../../services/overlays/messages.ts";
import { lacksBrowser, withPage } from "./browser.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";

const overlaysModule = fileURLToPath(new URL("../../services/overlays/main.ts", import.meta.url));

export interface OverlaysUnderTest extends AsyncDisposable {
  /** As http://127.0.0.1:40123. */
  url: string;
  port: number;
  tested: RunnerUnderTest;
}

/** `before`: the run that this one follows, with what it kept, at the same address. */
export async function startOverlays(
  { options = {}, read = [], before, dataFolder = "/data/tested" }: {
    options?: Record<string, unknown>;
    read?: string[];
    before?: OverlaysUnderTest;
    /** Of the service's database; by default it has none. */
    dataFolder?: string;
  } = {},
): Promise<OverlaysUnderTest> {
  const tested = new RunnerUnderTest(makeService(overlaysModule, {
    permissions: { ...noPermissions, net: ["127.0.0.1"], read },
    maxConcurrency: 200,
    dataFolder,
    options: { port: before?.port ?? 0, ...options },
  }));
  for (const [key, value] of before?.tested.feed.state ?? []) tested.feed.state.set(key, value);
  await tested.runner.start();
  const { text } = await tested.log.heard(/http:\/\/127\.0\.0\.1:\d+/);
  const [url = "", port] = text.match(/http:\/\/127\.0\.0\.1:(\d+)/) ?? [];
  return { url, port: Number(port), tested, [Symbol.asyncDispose]: () => tested[Symbol.asyncDispose]() };
}

/** A test with a real browser, if there is one. */
export function testPages(
  name: string,
  use: (parts: { page: Page; browser: Browser; overlays: OverlaysUnderTest }) => Promise<void>,
  options: Record<string, unknown> = {},
): void {
  Deno.test({
    name: lacksBrowser ? `${name} (there is no browser)` : name,
    ignore: lacksBrowser,
    fn: () =>
      withPage(async (page, browser) => {
        await using overlays = await startOverlays({ options });
        await use({ page, browser, overlays });
      }),
  });
}

/** Opens a page as the first one, and waits until it has its line to Livecue. */
export async function openPage(page: Page, url: string, path: string): Promise<void> {
  await page.goto(`${url}${path}`);
  await untilOpen(url, 1);
}

/** Waits until the elements of this selector have these texts. */
export async function waitForTexts(page: Page, selector: string, texts: string[]): Promise<void> {
  const areShown = (selector: string, texts: string[]) => {
    const found = [...document.querySelectorAll(selector)].map((element) => element.textContent);
    return found.length === texts.length && texts.every((text, index) => text === found[index]);
  };
  await page.waitForFunction(areShown, { timeout: 10_000 }, selector, texts);
}

/** Watches for an element with this text, to be awaited once it was caused: it may be gone before anybody looks. */
export async function watchFor(page: Page, selector: string, text: string): Promise<() => Promise<void>> {
  const watch = (selector: string, text: string) => {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        const elements = [...document.querySelectorAll(selector)];
        if (elements.some(({ textContent }) => textContent === text)) resolve();
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    });
    return { seen };
  };
  const watching = await page.evaluateHandle(watch, selector, text);
  return () => watching.evaluate(({ seen }) => seen);
}

/** Waits until so many pages have their line to Livecue. Those of one browser that want the same count as one. */
export async function untilOpen(url: string, count: number): Promise<void> {
  while (true) {
    const status: Status = await (await fetch(`${url}/status`)).json();
    if (status.openCount >= count) return;
  }
}
