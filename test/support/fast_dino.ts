/** The game's page with Livecue's scripts, in a time that a test moves: minutes of the game pass in seconds. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { pageScript } from "../../services/dino_chrome/game.ts";
import type { Options } from "../../services/dino_chrome/options.ts";
import { withPage } from "./browser.ts";
import { shown } from "./dino_under_test.ts";

interface Given extends Pick<Options, "autopilot" | "pause_seconds"> {
  /** The game's chances and the autopilot's. */
  seed?: number;
}

export interface FastDino {
  page: Page;
  /** Lets so many seconds of the game pass, at 60 frames a second. Returns the scores of the runs that ended. */
  pass(seconds: number): Promise<number[]>;
  /** Lets the game pass until an expression of `game` is true, for at most half a minute, which is a failure. */
  passUntil(expression: string): Promise<void>;
  /** What the deed was refused with, or null. */
  perform(deed: object): Promise<string | null>;
  /** The value of an expression of `game`, the game's own object. */
  game<Value = boolean>(expression: string): Promise<Value>;
  /** What viewers see: the text of each element. */
  texts(selector: string): Promise<string[]>;
}

let lastId = 0;

/** A comment's deed, by default. */
export function deedOf(kind: string, given: { name?: string; [key: string]: unknown } = {}): object {
  const { name = "Ana", ...rest } = given;
  return { id: `${++lastId}`, kind, who: { id: name, name }, text: kind, isComment: true, ...rest };
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
      passUntil: async (expression) => {
        const isTrue = await page.evaluate(`((game) => {
          for (let frame = 0; frame < 1800; frame++) {
            if (${expression}) return true;
            passFrame();
          }
          return false;
        })(Runner.getInstance())`);
        assert.equal(isTrue, true, `${expression} did not come true`);
      },
      perform: async (deed) => {
        const { refusal, mistake } = await page.evaluate(`livecue.perform(${JSON.stringify(deed)})`) as {
          refusal: string | null;
          mistake: string | null;
        };
        assert.equal(mistake, null);
        return refusal;
      },
      game: async <Value>(expression: string) =>
        await page.evaluate(`((game) => ${expression})(Runner.getInstance())`) as Value,
      texts: async (selector) =>
        await page.evaluate(
          `[...${shown}.querySelectorAll("${selector}")].map((one) => one.innerText)`,
        ) as string[],
    });
  });
}
