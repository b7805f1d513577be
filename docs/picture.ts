/**
 * Takes the picture of the screen in the README: the real program on a made-up live, in a real terminal (tmux).
 * `deno run -A docs/picture.ts`
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Terminal } from "../bench/terminal.ts";
import { sleep, systemClock } from "../src/clock.ts";
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
const command = [Deno.execPath(), "run", "-A", "--no-prompt", at("../main.ts"), "demo"];
const terminal = await Terminal.open({
  ...size,
  command: [...command, "--rate", "6", "--seed", "11", "--config", configPath],
  folder,
});
try {
  await terminal.until(/● live/);
  await sleep(systemClock, runMs);
  await Deno.writeTextFile(at("screen.svg"), toSvg(await terminal.styledText(), size));
} finally {
  await terminal.close();
  await Deno.remove(folder, { recursive: true });
}
