/** The windows of a Chromium that draws in software, and the CPU time of all its processes. */
import type { Browser, Page } from "puppeteer-core";
import { sleep, systemClock } from "../../src/clock.ts";
import { withPage } from "../../test/support/browser.ts";
import { ticksOfTree } from "../run/processes.ts";

const ticksASecond = 100;
/** Upright, as for TikTok. */
const size = { width: 1080, height: 1920 };

export class Windows {
  readonly #browser: Browser;
  #free: Page | null;

  private constructor(page: Page, browser: Browser) {
    this.#free = page;
    this.#browser = browser;
  }

  /** Runs `use` with a Chromium of its own, which has no graphics card to draw with. */
  static async use(use: (windows: Windows) => Promise<void>): Promise<void> {
    const args = ["--disable-gpu"];
    await withPage((page, browser) => use(new Windows(page, browser)), { args });
  }

  /** Opens a page in a window of its own, because Chromium does not draw the tabs behind another one. */
  async open(url: string): Promise<Page> {
    const page = this.#free ?? await this.#browser.newPage({ type: "window" });
    this.#free = null;
    await page.setViewport(size);
    await page.goto(url);
    return page;
  }

  /** The CPU time of all processes of the browser over so many seconds, in percent of a core. */
  async load(seconds: number): Promise<number> {
    const pid = this.#browser.process()?.pid as number;
    const [ticks, begin] = [ticksOfTree(pid), performance.now()];
    await sleep(systemClock, 1000 * seconds);
    return 100 * (ticksOfTree(pid) - ticks) / ticksASecond / ((performance.now() - begin) / 1000);
  }
}
