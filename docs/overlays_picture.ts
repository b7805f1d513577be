/// <reference lib="dom" />
/**
 * Takes the picture of the overlays in docs/services/overlays.md: the real pages, from the real service, in a real Chromium, put
 * over a made-up game as OBS does it.
 * Needs fonts with the letters of all names (Debian: fonts-noto-core and fonts-noto-cjk).
 * `deno run -A docs/overlays_picture.ts`
 */
import type { Browser, Page } from "puppeteer-core";
import { sleep, systemClock } from "../src/clock.ts";
import type { LiveEvent } from "../src/event.ts";
import { withPage } from "../test/support/browser.ts";
import { makeEvent } from "../test/support/events.ts";
import { commentBy, follow, viewer } from "../test/support/overlay_events.ts";
import { startOverlays, untilOpen } from "../test/support/overlays_under_test.ts";

const paths = [
  "alerts?volume=0&duration=20",
  "chat",
  "goal?of=likes&target=5000&title=Like goal: I sing",
  "leaderboard?count=4",
  "ticker",
];
/** All but the alerts have one stream together. */
const streamCount = 2;
const pictureWidth = 1280;
/** Until the confetti is out. */
const partyMs = 600;

const game = `
  linear-gradient(#fff3 0 100%) 14% 31% / 15% 3.4% no-repeat, linear-gradient(#fff3 0 100%) 18% 28% / 9% 3.4% no-repeat,
  linear-gradient(#fff3 0 100%) 62% 42% / 17% 3.4% no-repeat, linear-gradient(#fff3 0 100%) 58% 39% / 8% 3.4% no-repeat,
  linear-gradient(#7b4a2d 0 100%) 47% 76% / 4% 9% no-repeat, linear-gradient(#7b4a2d 0 100%) 78% 76% / 6% 14% no-repeat,
  linear-gradient(#49a35b 0 100%) 0 85% / 100% 5% no-repeat, linear-gradient(#8a5a38 0 100%) 0 100% / 100% 20% no-repeat,
  #5aa7e8`;

function gift(nickname: string, name: string, diamondCount: number, count = 1): LiveEvent {
  return makeEvent<"GiftEvent">({
    type: "GiftEvent",
    user: viewer(nickname),
    streak: { id: `${nickname} ${name}`, count, delta: count, hasEnded: false },
    data: {
      gift: { id: 1, name, diamondCount, isStreakable: true, imageUrl: "" },
      repeatCount: count,
      receiver: null,
    },
  });
}

/** The last gift is the alert that is on when the picture is taken. */
const events: LiveEvent[] = [
  makeEvent<"LikeEvent">({
    type: "LikeEvent",
    user: viewer("Ana"),
    data: { total: 3870 },
    streak: { id: "likes", count: 3870, delta: 3870, hasEnded: false },
  }),
  makeEvent<"ShareEvent">({ type: "ShareEvent", user: viewer("Chidi"), data: { shareCount: 1 } }),
  gift("Sofía", "Galaxy", 1000),
  gift("민수", "Doughnut", 30, 12),
  gift("DinoFan", "Rose", 1, 44),
  makeEvent<"SubscribeEvent">({
    type: "SubscribeEvent",
    user: viewer("Luz ✨"),
    data: { months: 1, isGifted: false, count: 1, isSuperFan: false },
  }),
  follow("Óscar"),
  commentBy(viewer("Óscar"), "just followed, hi!"),
  commentBy(viewer("DinoFan", { roles: ["subscriber"] }), "jump! jump! jump! 🦖"),
  commentBy(viewer("Mo", { roles: ["moderator"] }), "1,130 likes to go, let's get that song"),
  gift("Ana", "Money Gun", 500, 3),
];

async function takePicture(page: Page, browser: Browser): Promise<void> {
  await using overlays = await startOverlays();
  const { url, tested: { feed } } = overlays;
  // The alerts come last, so that only the last event is one.
  const [alerts = "", ...others] = paths;
  const pages = await Promise.all(
    others.map(async (path) => await open(await browser.newPage(), `${url}/${path}`)),
  );
  for (const [index, event] of events.slice(0, -1).entries()) await feed.add(index + 1, event);
  // A page that nobody sees shows no alert.
  await page.bringToFront();
  await open(page, `${url}/${alerts}`);
  await untilOpen(url, streamCount);
  for (const event of events.slice(-1)) void feed.add(events.length, event);
  await sleep(systemClock, partyMs);
  const layers = [await page.screenshot({ omitBackground: true, encoding: "base64" })];
  for (const one of pages) {
    await one.bringToFront();
    await one.evaluate(settle);
    layers.unshift(await one.screenshot({ omitBackground: true, encoding: "base64" }));
  }
  await page.bringToFront();
  await page.goto("about:blank");
  await page.setViewport({ width: pictureWidth, height: (pictureWidth * 9) / 16 });
  const images = layers.map((layer) => `<img src="data:image/png;base64,${layer}">`).join("");
  await page.setContent(
    `<style>body { margin: 0; background: ${game} } img { position: fixed; inset: 0; width: 100% }</style>${images}`,
  );
  await page.screenshot({ path: new URL("overlays.png", import.meta.url).pathname as `${string}.png` });
}

/** In the page: waits until what came in stands still. */
async function settle(): Promise<void> {
  const passing = document.getAnimations().filter(({ effect }) =>
    effect?.getTiming().iterations !== Infinity
  );
  await Promise.all(passing.map(({ finished }) => finished));
}

async function open(page: Page, address: string): Promise<Page> {
  await page.setViewport({ width: 1920, height: 1080 });
  await page.goto(address);
  return page;
}

await withPage(takePicture);
Deno.exit();
