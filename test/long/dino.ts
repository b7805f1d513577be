/**
 * Plays DinoChrome in the whole program, with its block's rules and a made-up live at each rate: deno task test:dino
 * [SECONDS] [EVENTS_PER_SECOND…]. Prints for each rate how often the dinosaur crashed, the longest wait of a gift, and
 * what was discarded. The game runs in real time, so a busy machine makes it harder.
 */
import { parse } from "jsonc-parser";
import { sleep, systemClock } from "../../src/clock.ts";
import { BrowserOfGame, exampleDino } from "../support/dino_under_test.ts";
import { query, startLivecue, writeConfig } from "../support/livecue.ts";
import { configOfBlocks } from "../support/service_blocks.ts";
import { withFolder } from "../support/temporary_store.ts";

const [seconds = 300, ...givenRates] = Deno.args.map(Number);
const rates = givenRates.length > 0 ? givenRates : [1, 5, 20];

interface Played {
  /** When the game was open, in Unix milliseconds. What came before waited for the browser. */
  since: number;
  crashes: number;
  best: number;
}

/** In the page: counts the crashes from now on, and keeps the best score. */
const watch = `(() => {
  const played = globalThis.played = { crashes: 0, best: 0 };
  let wasCrashed = false;
  setInterval(() => {
    const { crashed } = Runner.getInstance();
    if (crashed && !wasCrashed) played.crashes++;
    wasCrashed = crashed;
    played.best = Math.max(played.best, livecue.status().score);
  }, 50);
})()`;

async function play(folder: string, rate: number): Promise<Played> {
  await using browser = new BrowserOfGame(folder);
  const { services: { dino_chrome: dino } } = parse(configOfBlocks(["dino_chrome"]));
  const options = { ...dino.options, headless: true, browser_path: browser.path };
  writeConfig(folder, {
    services: {
      dino_chrome: {
        ...dino,
        service_class: exampleDino.serviceClass,
        permissions: browser.permissions,
        options,
      },
    },
  });
  const livecue = startLivecue(folder, "demo", "--plain", "--rate", String(rate), "--seed", "11");
  try {
    await livecue.line(/The game runs in/);
    const page = await browser.page();
    await page.evaluate(watch);
    const since = systemClock.now();
    await sleep(systemClock, 1000 * seconds);
    return { ...await page.evaluate("played") as Omit<Played, "since">, since };
  } finally {
    livecue.kill("SIGTERM");
    await livecue.ended;
  }
}

function tell(folder: string, rate: number, { since, crashes, best }: Played): void {
  const [gifts] = query<{ count: number; longest: number }>(
    folder,
    `SELECT count(*) AS count, max(finished_at - received_at) AS longest
     FROM event_queue JOIN live_event ON live_event.id = live_event_id
     WHERE event_type = 'GiftEvent' AND status = 'completed' AND received_at >= ${since}`,
  );
  const lost = query<{ priority: number; type: string; status: string; count: number }>(
    folder,
    `SELECT priority, event_type AS type, status, count(*) AS count
     FROM event_queue JOIN live_event ON live_event.id = live_event_id
     WHERE status NOT IN ('completed', 'pending') AND received_at >= ${since} GROUP BY priority, event_type, status ORDER BY priority`,
  );
  console.log(`${rate} events/s for ${seconds} s: ${crashes} crashes, best score ${best}`);
  console.log(`  ${gifts?.count} gifts, the longest wait ${((gifts?.longest ?? 0) / 1000).toFixed(1)} s`);
  for (const { priority, type, status, count } of lost) {
    console.log(`  ${status}, priority ${priority}: ${count} ${type}`);
  }
}

for (const rate of rates) {
  await withFolder(async (folder) => tell(folder, rate, await play(folder, rate)));
}
