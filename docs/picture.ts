/**
 * Takes the moving picture of the screen in the README: the real program on a made-up live, with the example's overlays
 * and DinoChrome, in a real terminal (tmux). Needs Chrome or Chromium, and the overlays' port.
 * `deno run -A docs/picture.ts`
 */
import { parse } from "jsonc-parser";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../src/clock.ts";
import { livecue } from "../test/support/livecue.ts";
import { withTerminal } from "../test/support/terminal.ts";
import { toMovingSvg } from "./svg.ts";

const size = { columns: 120, rows: 34 };
/** Until the queues have filled and the curves have a shape. */
const runMs = 45_000;
const frameCount = 16;
const frameMs = 500;

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const folder = await Deno.makeTempDir({ prefix: "livecue-picture-" });
const configPath = join(folder, "config.jsonc");
await livecue(folder, "add", "dino_chrome");
const config = parse(await Deno.readTextFile(configPath));
config.log_file = false;
config.services.dino_chrome.options.headless = true;
// Another Livecue of this computer may have the usual port.
config.services.overlays.options.port = 7429;
config.services.overlays.permissions.net[0] = "127.0.0.1:7429";
config.theme = "dark";
await Deno.writeTextFile(configPath, JSON.stringify(config));
try {
  await withTerminal(folder, { size }, async (terminal) => {
    await terminal.livecue("demo", "--rate", "8", "--seed", "11", "--config", configPath);
    await terminal.shows(/● live/);
    await sleep(systemClock, runMs);
    const screens: string[] = [];
    for (let frame = 0; frame < frameCount; frame++) {
      await sleep(systemClock, frameMs);
      screens.push(await terminal.styledText());
    }
    await Deno.writeTextFile(at("screen.svg"), toMovingSvg(screens, size, frameMs / 1000));
    await terminal.press("C-c");
    await terminal.ended();
  });
} finally {
  await Deno.remove(folder, { recursive: true });
}
