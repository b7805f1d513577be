/** The game's page with Livecue's scripts, in a time that a test moves: minutes of the game pass in seconds. */
import type { Page } from "puppeteer-core";
import { pageScript } from "../../services/dino_chrome/game.ts";
import type { Options } from "../../services/dino_chrome/options.ts";
import { withPage } from "./browser.ts";

interface Given extends Pick<Options, "autopilot" | "pause_seconds"> {
  /** The game's chances and the autopilot's. */
  seed?: number;
}

export interface FastDino {
  page: Page;
  /** Lets so many seconds of the game pass, at 60 frames a second. Returns the scores of the runs that ended. */
  pass(seconds: number): Promise<number[]>;
  perform(deed: object): Promise<void>;
}

/** Frames, intervals and the clock stand still, except in `pass`. */
const standStill = `(seed) => {
  let now = 1000;
  let frames = [];
  const intervals = [];
  performance.now = () => now;
  window.requestAnimationFrame = (run) => frames.push(run);
  window.cancelAnimationFrame = (id) => { delete frames[id - 1]; };
  window.setInterval = (run, ms) => intervals.push({ run, ms, at: now + ms });
  window.clearInterval = (id) => { delete intervals[id - 1]; };
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  globalThis.passFrame = () => {
    now += 1000 / 60;
    const due = frames;
    frames = [];
    for (const run of due) run?.(now);
    for (const interval of intervals) {
      if (!interval || now < interval.at) continue;
      interval.at = now + interval.ms;
      interval.run();
    }
  };
}`;

const pass = `(seconds) => {
  const game = Runner.getInstance();
  const scores = [];
  for (let frame = 0; frame < seconds * 60; frame++) {
    const wasCrashed = game.crashed;
    passFrame();
    if (game.crashed && !wasCrashed) scores.push(livecue.status().score);
  }
  return scores;
}`;

export async function withFastDino(
  { autopilot, pause_seconds, seed = 1 }: Given,
  use: (dino: FastDino) => Promise<void>,
): Promise<void> {
  await withPage(async (page) => {
    await page.evaluateOnNewDocument(`(${standStill})(${seed})`);
    await page.goto("chrome://dino/").catch(() => {});
    await page.waitForFunction("typeof Runner === 'function'", { polling: "mutation" });
    await page.evaluate(await pageScript({ autopilot, pause_seconds }));
    const seconds = (count: number) => page.evaluate(`(${pass})(${count})`) as Promise<number[]>;
    await seconds(2);
    // The intro is an animation of the page, in the page's own time.
    await page.evaluate("Runner.getInstance().playCount || Runner.getInstance().startGame()");
    await use({
      page,
      pass: seconds,
      perform: async (deed) => void await page.evaluate(`livecue.perform(${JSON.stringify(deed)})`),
    });
  });
}
