/** The app with real workers and a real database, under a clock that is moved by hand. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, type AppOptions } from "../../src/app/app.ts";
import type { CapturedEvent, Source, SourceItem } from "../../src/capture/source.ts";
import type { Config, ServiceConfig, Subscription } from "../../src/config/config.ts";
import { ana, ben, commentOf, sampleOf } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type HeardLog, heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";
import { serviceConfig, withFolder } from "../support/temporary_store.ts";

const always: Subscription = {
  isEnabled: true,
  priority: 5,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
};

/** The service in `test/support/services/NAME.ts`, which gets comments. */
function service(name: string, given: Partial<ServiceConfig> = {}): ServiceConfig {
  const serviceClass = fileURLToPath(new URL(`../support/services/${name}.ts`, import.meta.url));
  return serviceConfig(name, { serviceClass, subscriptions: { CommentEvent: always }, ...given });
}

/** A live that has these events and ends. */
function liveOf(events: CapturedEvent[], roomId = "700"): Source {
  async function* open(): AsyncGenerator<SourceItem> {
    yield { kind: "session", username: "host", roomId };
    for (const event of events) yield { kind: "event", event, raw: null };
    yield { kind: "end", status: "completed", reason: "The live ended." };
  }
  return { name: "demo", isLive: true, open };
}

interface Folder {
  log: HeardLog;
  open(services: ServiceConfig[], source: Source | null, more?: Partial<AppOptions>): Promise<App>;
  rows(sql: string): Record<string, unknown>[];
}

/** Runs `use` with a database for any number of runs. */
async function withDatabase(use: (folder: Folder) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const log = heardLog();
    const config: Config = {
      path: join(folder, "config.jsonc"),
      tiktok: { user: "", signApiKey: "", endpoints: { sign: "", web: "" }, silenceSeconds: 60 },
      database: join(folder, "livecue.db"),
      durability: "normal",
      logFile: null,
      services: [],
    };
    await use({
      log,
      open: (services, source, more = {}) =>
        App.open({
          config: { ...config, services },
          clock: new FakeClock(),
          log,
          source,
          processes: "all",
          whenIdle: "end",
          ...more,
        }),
      rows: (sql) => query(folder, sql).map((row) => ({ ...row })),
    });
  });
}

Deno.test("A service's error is stored without what could harm a terminal", async () => {
  await withDatabase(async ({ open, rows }) => {
    const app = await open([service("rude")], liveOf([commentOf("hello")]));
    await app.run();
    const error = String(rows("SELECT error FROM event_queue")[0]?.error);
    assert.match(error, /^Error: red and\n +at .*rude\.ts:\d+:\d+/);
    assert.doesNotMatch(error, /(?!\n)\p{Cc}/u);
  });
});
