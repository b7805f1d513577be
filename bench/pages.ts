/**
 * Measures what the overlays' pages take of a CPU in a Chromium that draws in software, as OBS does without hardware
 * acceleration: six pages at rest and at 20 events/s, and confetti. The CPU time is that of all processes of the
 * browser. Chromium draws 60 frames a second here, OBS 30 by default.
 */
import type { Page } from "puppeteer-core";
import { createDemoSource } from "../src/capture/demo/demo.ts";
import { sleep, systemClock } from "../src/clock.ts";
import type { ServiceConfig } from "../src/service.ts";
import { lacksBrowser } from "../test/support/browser.ts";
import { blockService } from "../test/support/service_blocks.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { Windows } from "./pages/windows.ts";
import { canSeeProcesses } from "./run/processes.ts";
import { type Running, withService } from "./running_service.ts";

const rate = 20;
const six = ["alerts?volume=0", "chat", "goal?of=likes", "leaderboard", "ticker", "now"];
/** A browser has opened its windows and compiled the code after this time. */
const warmUpSeconds = 3;

/** As in its block, at a free port. */
function overlays(): ServiceConfig {
  const service = blockService("overlays");
  const permissions = { ...service.permissions, net: ["127.0.0.1:0"] };
  return { ...service, isActive: true, permissions, options: { ...service.options, port: 0 } };
}

function urlOf({ log }: Running): string {
  const [url] = log.entries.flatMap(({ text }) => text.match(/http:\/\/[^/]+/) ?? []);
  if (url === undefined) throw new Error("The overlays do not say where their pages are.");
  return url;
}

/** A box of 100 pixels that moves 30 times a second: the least that anything moving costs in this browser. */
const moveBox = `(() => {
  const box = document.createElement("div");
  box.style.cssText = "position: fixed; width: 100px; height: 100px; background: gold";
  document.body.append(box);
  let step = 0;
  setInterval(() => box.style.transform = "translateX(" + (step++ % 50) + "px)", 1000 / 30);
})()`;

/** As much confetti as a page ever shows, without a pause, which no live has. */
const throwConfetti = `(async () => {
  const { maxPieces, Particles } = await import("/assets/alert_particles.js");
  const particles = new Particles(document.getElementById("particles"));
  const burst = () => particles.burst(maxPieces, { x: innerWidth / 2, y: innerHeight / 3 });
  burst();
  setInterval(burst, 500);
})()`;

async function* measureOne(url: string, seconds: number): AsyncGenerator<Figure> {
  const change = async (script: string) => {
    let [before, after] = [0, 0];
    await Windows.use(async (windows) => {
      const page: Page = await windows.open(url);
      await sleep(systemClock, 1000 * warmUpSeconds);
      before = await windows.load(seconds);
      await page.evaluate(script);
      await sleep(systemClock, 1000);
      after = await windows.load(seconds);
    });
    return after - before;
  };
  const unit = "% of a core";
  yield { name: "a box that moves 30 times/s, more than at rest", value: await change(moveBox), unit };
  const confetti = await change(throwConfetti);
  yield {
    name: "confetti without a pause, more than at rest",
    value: confetti,
    unit,
    target: { atMost: 5 },
  };
}

async function* measureSix(running: Running, seconds: number): AsyncGenerator<Figure> {
  const loads: number[] = [];
  await Windows.use(async (windows) => {
    for (const path of six) await windows.open(`${urlOf(running)}/${path}`);
    await sleep(systemClock, 1000 * warmUpSeconds);
    loads.push(await windows.load(seconds));
    running.app.switchSource(createDemoSource({ seed: 1, ratePerSecond: rate, clock: systemClock }));
    await sleep(systemClock, 1000 * warmUpSeconds);
    loads.push(await windows.load(2 * seconds));
  });
  const [atRest, busy] = loads as [number, number];
  yield { name: "six pages without events", value: atRest, unit: "% of a core" };
  yield { name: `six pages, ${rate} events/s`, value: busy, unit: "% of a core" };
}

export const benchmark: Benchmark = {
  name: "pages",
  about:
    "What pages of the overlays take of a CPU in a Chromium that draws in software, beside a box that moves.",
  async *measure({ isShort }) {
    if (lacksBrowser || !canSeeProcesses) {
      console.error("bench/pages.ts measures Chromium on Linux alone: it was skipped.");
      return;
    }
    const seconds = isShort ? 3 : 10;
    const figures: Figure[] = [];
    await withService(overlays(), async (running) => {
      for await (const figure of measureOne(`${urlOf(running)}/alerts?volume=0`, seconds)) {
        figures.push(figure);
      }
      for await (const figure of measureSix(running, seconds)) figures.push(figure);
    });
    yield* figures;
  },
};

if (import.meta.main) await runAlone(benchmark);
