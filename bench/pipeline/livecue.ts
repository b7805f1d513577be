/** Livecue under a flood: events of 600 bytes to two services that do nothing, one sync and one async. */
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import { systemClock } from "../../src/clock.ts";
import { mainEventTypes } from "../../src/event.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { CapturedEvent, Source } from "../../src/source.ts";
import type { Subscription } from "../../src/subscription.ts";
import { silentLog } from "../../test/support/silent_log.ts";
import { traitsOf } from "../../test/support/sources.ts";
import { countsInPostgres } from "../postgres/counts.ts";
import { configIn, serviceConfig } from "../../test/support/temporary_store.ts";

export type Durability = "normal" | "full";

export const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));

const firstAt = 1_700_000_000_000;
const room = "7312345678901234567";
const viewers = 5_000;
/** The source gives this many events between two turns of the event loop, as a chunk of a file does. */
const chunkSize = 100;

/** Runs `use` with a folder that is removed afterwards. */
export async function inFolder<Result>(use: (folder: string) => Result | Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Comments of some 600 bytes, each with a message id of its own, by 5,000 viewers. */
export function commentsOf600Bytes(count: number): CapturedEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const viewer = index * 7919 % viewers;
    return {
      type: "CommentEvent",
      data: { comment: `Comment ${index} ${"lorem ipsum ".repeat(20)}`, language: "en", emotes: [] },
      roomId: room,
      messageId: String(7_300_000_000_000_000_000n + BigInt(index)),
      createdAt: firstAt + index,
      user: {
        id: String(6_800_000_000_000_000_000n + BigInt(viewer)),
        uniqueId: `viewer.${viewer}`,
        nickname: `Viewer ${viewer}`,
        avatarUrl: `https://p16-sign.tiktokcdn.com/aweme/100x100/tos-avt-0068/${viewer}.webp`,
        roles: ["follower"],
      },
      streak: null,
    };
  });
}

/** Gives the events as fast as Livecue takes them. */
export function floodOf(events: readonly CapturedEvent[]): Source {
  return {
    name: "replay:flood",
    traits: traitsOf({ isLive: false }),
    async *open() {
      yield { kind: "session", username: "demo", roomId: room };
      for (const [index, event] of events.entries()) {
        yield { kind: "event", event, raw: null };
        if (index % chunkSize === chunkSize - 1) await new Promise((resolve) => setImmediate(resolve));
      }
      yield { kind: "end", status: "completed", reason: "The recording ended." };
    },
  };
}

/** A service that does nothing. Its queue has room for all items. */
export function quietService(
  slug: string,
  changes: Partial<ServiceConfig> & { isAsync: boolean },
): ServiceConfig {
  const { isAsync, ...config } = changes;
  const subscription: Subscription = {
    isEnabled: true,
    priority: 5,
    isAsync,
    isDiscardable: false,
    streaks: "each",
  };
  const subscriptions = Object.fromEntries(mainEventTypes.map((type) => [type, subscription]));
  return serviceConfig(slug, { serviceClass: dummy, maxQueueSize: 5_000_000, subscriptions, ...config });
}

export interface RunOptions {
  events: readonly CapturedEvent[];
  services: ServiceConfig[];
  durability: Durability;
  /** The address of an empty database in PostgreSQL. Default: a new file. */
  database?: string;
}

/** Runs a flood to its end, without the workers' start. Events per second. Throws if a row is wrong. */
export function runLivecue({ events, services, durability, ...store }: RunOptions): Promise<number> {
  return inFolder(async (folder) => {
    const config = configIn(folder, { services, durability, ...store });
    const app = await App.open({
      config,
      clock: systemClock,
      log: silentLog(),
      sources: [],
      processes: "all",
      whenIdle: "stay",
    });
    const run = app.run();
    await allRunning(app);
    const startedAt = performance.now();
    await app.switchSource(floodOf(events));
    const total = events.length * services.length;
    while (app.services.views().reduce((sum, { completed }) => sum + completed, 0) < total) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await app.idle();
    const seconds = (performance.now() - startedAt) / 1000;
    await app.stop();
    await run;
    await checkRows(config.database, events.length, total);
    return events.length / seconds;
  });
}

async function allRunning(app: App): Promise<void> {
  while (app.services.views().some(({ phase }) => phase !== "running")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Checks that each event is stored, and that each of its items was handed out once and has completed. */
export async function checkRows(database: string, eventCount: number, itemCount: number): Promise<void> {
  const [events, items] = await countsIn(database, [
    "SELECT count(*) FROM live_event",
    "SELECT count(*) FROM event_queue WHERE status = 'completed' AND attempts = 1",
  ]);
  if (events === eventCount && items === itemCount) return;
  throw new Error(
    `${events} of ${eventCount} events are stored, and ${items} of ${itemCount} items were completed.`,
  );
}

async function countsIn(database: string, statements: string[]): Promise<number[]> {
  if (database.startsWith("postgres://")) return await countsInPostgres(database, statements);
  using file = new DatabaseSync(database, { readOnly: true });
  return statements.map((sql) => Number(Object.values(file.prepare(sql).get() ?? {})[0]));
}
