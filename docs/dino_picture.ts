/**
 * Takes the picture of the dino game in docs/services/dino_chrome.md: the real program on a made-up live, with the example's rules.
 * `deno run -A docs/dino_picture.ts`
 */
import { fileURLToPath } from "node:url";
import { BrowserOfGame, exampleDino, shown } from "../test/support/dino_under_test.ts";
import { startLivecue, writeConfig } from "../test/support/livecue.ts";
import { withFolder } from "../test/support/temporary_store.ts";

/** Not the first run: the dino jumps, an obstacle is in sight, and more than one viewer has just done something. */
const worthAPicture = `(({ tRex, horizon, playCount }) =>
  playCount > 1 && tRex.jumping && tRex.yPos < 60 &&
  horizon.obstacles.some(({ xPos }) => xPos > 60 && xPos < 400) &&
  /follower|jumps/.test(${shown}.querySelector(".actions").textContent) &&
  ${shown}.querySelectorAll(".action").length > 1
)(Runner.getInstance())`;

const path = fileURLToPath(new URL("dino.png", import.meta.url)) as `${string}.png`;

await withFolder(async (folder) => {
  await using browser = new BrowserOfGame(folder);
  writeConfig(folder, {
    services: {
      dino_chrome: {
        service_class: exampleDino.serviceClass,
        permissions: browser.permissions,
        options: { ...exampleDino.options, headless: true, browser_path: browser.path, window_height: 760 },
        subscriptions: {
          GiftEvent: { priority: 10 },
          SubscribeEvent: { priority: 9 },
          FollowEvent: { priority: 8 },
          ShareEvent: { priority: 7 },
          CommentEvent: { priority: 6, is_discardable: true },
          LikeEvent: { priority: 3, is_discardable: true },
        },
      },
    },
  });
  const livecue = startLivecue(folder, "demo", "--plain", "--rate", "6", "--seed", "11");
  await livecue.line(/The game runs in/);
  const page = await browser.page();
  await page.waitForFunction(worthAPicture, { polling: "raf", timeout: 240_000 });
  await page.screenshot({ path });
  livecue.kill("SIGTERM");
  await livecue.ended;
});
