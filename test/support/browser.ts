/** A real Chromium for the tests of pages. */
import { statSync } from "node:fs";
import puppeteer, { type Browser, type LaunchOptions, type Page } from "puppeteer-core";

const candidates = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Where there is no browser these tests cannot run. */
export const browserPath = candidates.find((path) => statSync(path, { throwIfNoEntry: false }));
export const lacksBrowser = browserPath === undefined;

/** Runs `use` with a page of a browser of its own, 1920×1080; ends the browser afterwards. `path`: not the usual browser. */
export async function withPage(
  use: (page: Page, browser: Browser) => Promise<void>,
  { args = [], path }: { args?: string[]; path?: string | null } = {},
): Promise<void> {
  const { browser, page } = await openBrowser({
    executablePath: path ?? browserPath as string,
    pipe: true,
    // The engines from npm have no window at all.
    headless: path == null ? true : "shell",
    // Chromium refuses to be root in its sandbox, and the containers in which tests run often have only root.
    args: [...args, ...(Deno.build.os === "linux" ? ["--no-sandbox"] : [])],
    defaultViewport: { width: 1920, height: 1080 },
  });
  try {
    await use(page, browser);
  } finally {
    await browser.close();
  }
}

/** Rarely, a browser on a busy machine never answers about its first page. It is ended then, and started anew, twice. */
async function openBrowser(options: LaunchOptions): Promise<{ browser: Browser; page: Page }> {
  for (let tries = 1;; tries++) {
    const browser = await puppeteer.launch({ ...options, protocolTimeout: 60_000 });
    try {
      return { browser, page: await browser.newPage() };
    } catch (error) {
      browser.process()?.kill("SIGKILL");
      if (tries === 3) throw error;
    }
  }
}
