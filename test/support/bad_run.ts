/** The whole program with misbehaving services, beside one that counts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/clock.ts";
import { livecue, query, type Running, startLivecue, writeConfig } from "./livecue.ts";

const pathOf = (name: string) => fileURLToPath(new URL(`services/${name}.ts`, import.meta.url));

export interface BadService {
  slug: string;
  isolation: "worker" | "process";
  /** A behavior that `bad/main.ts` knows by this name, or the text of a module. */
  does: { how: string; every: number | null } | { module: string };
  /** Whether the service exceeds its time limit on purpose. */
  isSlow: boolean;
  /** The log's message under the service's name; null if no message is required. */
  told: RegExp | null;
}

/** The performance of a well-behaved service during the run. */
export interface Measured {
  /** Events handled per second. */
  rate: number;
  /** Milliseconds between two captured events. */
  largestGapMs: number;
}

export interface BadRunOptions {
  services: readonly BadService[];
  /** Events in a second. */
  rate: number;
  /** It is stopped when the counting service has handled so many, and all is said that has to be. */
  events: number;
}

const markEvery = 50;
/** After this time a required message counts as missing, even on a slow machine. */
const longestRunMs = 150_000;

/**
 * Lets a made-up live run beside these services, stops it, and handles what is left. Throws where the counting service
 * has not handled each event once, in order, where the database does not account for each item, or where it is not
 * said what is wrong with a service.
 */
export async function runBeside(
  folder: string,
  { services, rate, events }: BadRunOptions,
): Promise<Measured> {
  writeScene(folder, services);
  const running = startLivecue(folder, "demo", "--rate", String(rate), "--seed", "7", "--plain");
  const cancelLimit = systemClock.after(longestRunMs, () => running.kill("SIGKILL"));
  try {
    await hearAll(running, { services, events });
  } finally {
    cancelLimit();
  }
  running.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  assert.ok(
    code === 0 || code === 130,
    `it ended with code ${code}:\n${stdout.slice(-5_000)}\n${stderr.slice(-5_000)}`,
  );
  const measured = measure(folder, events);
  const rest = await livecue(folder, "work", "--service", "counter", "--drain", "--database", "livecue.db");
  assert.equal(rest.code, 0, rest.stderr);
  checkCounter(folder);
  checkItems(folder, services);
  return measured;
}

/** What has to be said, and that the counting service is far enough. */
async function hearAll(
  running: Running,
  { services, events }: Pick<BadRunOptions, "services" | "events">,
): Promise<void> {
  await running.line(new RegExp(`\\[counter\\] mark ${events}$`));
  for (const { slug, told } of services) {
    if (told !== null) {
      await running.line(new RegExp(`\\[${slug}\\] .*(${told.source})|^ +.*(${told.source})`));
    }
  }
}

function writeScene(folder: string, services: readonly BadService[]): void {
  const subscriptions = Object.fromEntries(
    ["CommentEvent", "JoinEvent", "LikeEvent", "GiftEvent", "FollowEvent", "ShareEvent", "SubscribeEvent"]
      .map((type) => [type, {}]),
  );
  const counter = {
    service_class: pathOf("counter"),
    max_queue_size: 100_000,
    permissions: { write: [folder] },
    options: { file: join(folder, "handled"), markEvery },
    subscriptions,
  };
  const bad = services.map(({ slug, isolation, isSlow, does }) => {
    const file = join(folder, `${slug}.ts`);
    if ("module" in does) Deno.writeTextFileSync(file, does.module);
    return [slug, {
      service_class: "module" in does ? file : pathOf("bad/main"),
      isolation,
      // The others have their time, on a machine that is busy, too.
      timeout_ms: isSlow ? 1_000 : 60_000,
      ...(isolation === "process" ? { max_memory_mb: 128 } : {}),
      max_queue_size: 200,
      emits: ["BadEvent"],
      options: "module" in does ? {} : does,
      subscriptions,
    }];
  });
  writeConfig(folder, { services: { counter, ...Object.fromEntries(bad) } });
}

/** After its first second, in which services are loaded. */
function measure(folder: string, events: number): Measured {
  const times = query<{ received_at: number; finished_at: number }>(
    folder,
    `SELECT received_at, finished_at FROM live_event JOIN event_queue ON live_event_id = live_event.id
      JOIN service ON service.id = service_id AND slug = 'counter'
      WHERE finished_at IS NOT NULL ORDER BY live_event.id LIMIT ?`,
    events,
  );
  const begin = (times[0]?.received_at ?? 0) + 1_000;
  const later = times.filter(({ received_at }) => received_at >= begin);
  const gaps = later.slice(1).map(({ received_at }, index) => received_at - (later[index]?.received_at ?? 0));
  const spanMs = (later.at(-1)?.finished_at ?? 0) - (later[0]?.finished_at ?? 0);
  return { rate: (later.length - 1) * 1000 / spanMs, largestGapMs: Math.max(...gaps) };
}

function checkCounter(folder: string): void {
  const handled = Deno.readTextFileSync(join(folder, "handled")).trim().split("\n").map(Number);
  const wanted = query<{ id: number }>(
    folder,
    `SELECT live_event.id FROM live_event JOIN event_queue ON live_event_id = live_event.id
      JOIN service ON service.id = service_id AND slug = 'counter' ORDER BY event_queue.id`,
  ).map(({ id }) => id);
  assert.deepEqual(handled, wanted, "the counting service handled each event once, in order");
  const captured = query<{ count: number }>(
    folder,
    "SELECT count(*) AS count FROM live_event WHERE event_type IN ('CommentEvent', 'JoinEvent', 'LikeEvent', 'GiftEvent', 'FollowEvent', 'ShareEvent', 'SubscribeEvent')",
  );
  assert.ok(wanted.length <= (captured[0]?.count ?? 0));
}

/** Nothing is in hand any more, and nothing was lost: each event of a type is an item of each service. */
function checkItems(folder: string, services: readonly BadService[]): void {
  assert.equal(query(folder, "PRAGMA integrity_check")[0]?.["integrity_check"], "ok");
  const rows = query<{ slug: string; count: number; processing: number }>(
    folder,
    `SELECT slug, count(*) AS count, sum(status = 'processing') AS processing FROM event_queue
      JOIN service ON service.id = service_id GROUP BY slug`,
  );
  const count = rows.find(({ slug }) => slug === "counter")?.count;
  for (const { slug } of services) {
    const row = rows.find((row) => row.slug === slug);
    assert.deepEqual([slug, row?.count, row?.processing], [slug, count, 0]);
  }
}
