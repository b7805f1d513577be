/// <reference lib="dom" />
/** The page kit in a real browser. */
import assert from "node:assert/strict";
import type { Browser, Page } from "puppeteer-core";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { startPages, statusAt, untilOpenCount } from "../../support/pages_under_test.ts";
import type { RunnerUnderTest } from "../../support/runner_under_test.ts";

interface Parts {
  page: Page;
  browser: Browser;
  url: string;
  tested: RunnerUnderTest;
}

function testPages(name: string, use: (parts: Parts) => Promise<void>, args: string[] = []): void {
  Deno.test({
    name: lacksBrowser ? `${name} (there is no browser)` : name,
    ignore: lacksBrowser,
    fn: () =>
      withPage(async (page, browser) => {
        const { tested, url } = await startPages();
        await using _ = tested;
        await use({ page, browser, url, tested });
      }, { args }),
  });
}

async function waitForSaid(page: Page, said: string[]): Promise<void> {
  const isSaid = (said: string) =>
    JSON.stringify([...document.querySelectorAll("li")].map(({ textContent }) => textContent)) === said;
  await page.waitForFunction(isSaid, { polling: "mutation", timeout: 15_000 }, JSON.stringify(said));
}

testPages("A page hears what is sent and can say something; scripts within it do not run", async (parts) => {
  const { page, url, tested } = parts;
  await page.goto(`${url}/wall`);
  await untilOpenCount(url, (count) => count === 1);
  await tested.feed.say(1, "hello");
  await waitForSaid(page, ["hello"]);
  await page.click("body");
  await waitForSaid(page, ["hello", "clicked"]);
  const found = await page.evaluate(() => ({
    isPwned: "isPwned" in globalThis,
    color: getComputedStyle(document.body).color,
  }));
  assert.deepEqual(found, { isPwned: false, color: "rgb(1, 2, 3)" });
});

testPages("A page comes back by itself after a restart, and catches up after a reload", async (parts) => {
  const { page, url, tested } = parts;
  await page.goto(`${url}/wall`);
  await tested.feed.say(1, "before");
  await waitForSaid(page, ["before"]);
  await tested[Symbol.asyncDispose]();
  const again = await startPages({ port: Number(new URL(url).port) });
  await using _ = again.tested;
  await untilOpenCount(url, (count) => count === 1);
  await again.tested.feed.say(1, "after");
  await waitForSaid(page, ["after"]);
  await page.reload();
  await waitForSaid(page, ["after"]);
});

testPages(
  "In a browser without shared workers, as on Android, a page has a stream of its own",
  async (parts) => {
    const { page, url, tested } = parts;
    await page.evaluateOnNewDocument(() => Reflect.deleteProperty(globalThis, "SharedWorker"));
    await page.goto(`${url}/wall?room=wide`);
    await untilOpenCount(url, (count) => count === 1);
    await tested.feed.say(1, "only wide: hello");
    await waitForSaid(page, ["only wide: hello"]);
    await tested[Symbol.asyncDispose]();
    const again = await startPages({ port: Number(new URL(url).port) });
    await using _ = again.tested;
    await untilOpenCount(url, (count) => count === 1);
    await again.tested.feed.say(1, "after");
    await waitForSaid(page, ["after"]);
    await page.goto("about:blank");
    await untilOpenCount(url, (count) => count === 0);
  },
);

testPages(
  "Pages of one browser share a stream, however many, and each is told what it asked for",
  async (parts) => {
    const { page, browser, url, tested } = parts;
    // A browser keeps six connections to a server: with a stream each, the seventh page could not even be loaded.
    const pages = [page];
    while (pages.length < 9) pages.push(await browser.newPage());
    const rooms = ["wide", "wide", ...Array.from({ length: 7 }, (_, index) => `room${index}`)];
    for (const [index, one] of pages.entries()) await one.goto(`${url}/wall?room=${rooms[index]}`);
    await untilOpenCount(url, (count) => count === 8);
    await tested.feed.say(1, "all");
    await tested.feed.say(2, "only wide: two");
    await tested.feed.say(3, "three");
    for (const [index, one] of pages.entries()) {
      await one.bringToFront();
      await waitForSaid(one, index < 2 ? ["all", "only wide: two", "three"] : ["all", "three"]);
    }
    // What they all ask for is more than other addresses may have.
    for (const index of [2, 3]) {
      await (pages[index] as Page).goto(`${url}/wall?long${index}=${"x".repeat(1500)}`);
    }
    await tested.feed.say(4, "four");
    await waitForSaid(pages[3] as Page, ["all", "only wide: two", "three", "four"]);
    await (pages[3] as Page).close();
    await untilOpenCount(url, (count) => count === 7);
    await (pages[4] as Page).goto("about:blank");
    await untilOpenCount(url, (count) => count === 6);
  },
);

testPages("A page of another site can neither read, drive nor frame it", async ({ page, browser, url }) => {
  const site = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(`<!doctype html><iframe src="${url}/wall"></iframe>`, {
        headers: { "content-type": "text/html" },
      }),
  );
  const wall = await browser.newPage();
  await wall.goto(`${url}/wall`);
  for (const host of ["127.0.0.1", "evil.example"]) {
    await page.goto(`http://${host}:${site.addr.port}/`);
    const tried = await page.evaluate(async (url) => {
      const outcome = (request: Promise<Response>) =>
        request.then(({ type, status }) => `${type} ${status}`, () => "failed");
      const body = '{"text":"from another site"}';
      const headers = { "content-type": "application/json" };
      return [
        await outcome(fetch(`${url}/status`)),
        await outcome(fetch(`${url}/say`, { method: "POST", headers, body })),
        await outcome(fetch(`${url}/say`, { method: "POST", mode: "no-cors", body })),
        await new Promise((resolve) => {
          const stream = new EventSource(`${url}/stream`);
          stream.onerror = () => resolve("no stream");
          stream.onmessage = () => resolve("a stream");
        }),
      ];
    }, url);
    assert.deepEqual(tried.filter((outcome) => !/^(failed|no stream|opaque 0)$/.test(String(outcome))), []);
    const frame = page.frames().find((one) => one.parentFrame() !== null);
    assert.equal(await frame?.evaluate(() => document.querySelector("#said")).catch(() => null), null);
  }
  await wall.bringToFront();
  await wall.mouse.click(5, 5);
  await waitForSaid(wall, ["clicked"]);
  await page.close();
  await site.shutdown();
}, ["--host-resolver-rules=MAP *.example 127.0.0.1"]);

testPages(
  "A name that is made to lead here after its page was loaded gets nothing",
  async ({ page, url }) => {
    const { port } = new URL(url);
    const response = await page.goto(`http://rebound.example:${port}/wall`);
    assert.equal(response?.status(), 421);
    const answer = await page.evaluate(async () => (await fetch("/status")).status);
    assert.equal(answer, 421);
    assert.equal((await statusAt(url)).openCount, 0);
  },
  ["--host-resolver-rules=MAP *.example 127.0.0.1"],
);

testPages(
  "A page that crashes is not counted as open, while others go on",
  async ({ page, browser, url, tested }) => {
    await page.goto(`${url}/wall`);
    const crashing = await browser.newPage();
    await crashing.goto(`${url}/wall?room=crashing`);
    await untilOpenCount(url, (count) => count === 2);
    crashing.on("error", () => {});
    const session = await crashing.createCDPSession();
    session.send("Page.crash").catch(() => {});
    await untilOpenCount(url, (count) => count === 1);
    await tested.feed.say(1, "still here");
    await page.bringToFront();
    await waitForSaid(page, ["still here"]);
  },
);
