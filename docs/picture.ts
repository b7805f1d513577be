/**
 * Takes the picture of the screen in the README: the real program on a made-up live, in a real terminal (tmux).
 * `deno run -A docs/picture.ts`
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../src/clock.ts";
import { withTerminal } from "../test/support/terminal.ts";
import { toSvg } from "./svg.ts";

const size = { columns: 120, rows: 32 };
/** Until the queues have filled and the curves have a shape. */
const runMs = 45_000;

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const subscriptions = {
  GiftEvent: { priority: 10 },
  FollowEvent: { priority: 8 },
  CommentEvent: { priority: 6, is_discardable: true },
  LikeEvent: { priority: 3, is_discardable: true },
};

const config = {
  log_file: false,
  services: {
    dummy: { service_class: at("../services/dummy.ts"), subscriptions },
    slow: {
      service_class: at("../services/slow.ts"),
      max_queue_size: 50,
      options: { delay_ms: 700 },
      subscriptions,
    },
    verbose: {
      service_class: at("../services/verbose.ts"),
      subscriptions: { GiftEvent: { streaks: "final" }, SubscribeEvent: {} },
    },
  },
};

const folder = await Deno.makeTempDir({ prefix: "livecue-picture-" });
const configPath = join(folder, "config.jsonc");
await Deno.writeTextFile(configPath, JSON.stringify(config));
try {
  await withTerminal(folder, { size }, async (terminal) => {
    await terminal.livecue("demo", "--rate", "6", "--seed", "11", "--config", configPath);
    await terminal.shows(/● live/);
    await sleep(systemClock, runMs);
    await Deno.writeTextFile(at("screen.svg"), toSvg(await terminal.styledText(), size));
    await terminal.press("C-c");
    await terminal.ended();
  });
} finally {
  await Deno.remove(folder, { recursive: true });
}
