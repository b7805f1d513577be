/** A store in a folder of its own, gone after the test. */
import { usualScreen } from "../../src/screen_settings.ts";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Config } from "../../src/config/config.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { NextIds } from "../../src/ids.ts";
import type { StoredItem } from "../../src/item.ts";
import type { Log } from "../../src/log/log.ts";
import type { Operation } from "../../src/operation.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { Store, type StoreOptions } from "../../src/store/store.ts";
import { FakeClock } from "./fake_clock.ts";

/** Runs `use` with a folder that is removed afterwards. */
export async function withFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export interface TemporaryStore {
  store: Store;
  clock: FakeClock;
  path: string;
  /** What the store told its log, as "level: text". */
  told: string[];
}

/** Runs `use` with an open store; it is closed afterwards if it is not yet. */
export async function withStore(
  use: (parts: TemporaryStore) => Promise<void> | void,
  options: Partial<StoreOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const parts = openTemporary(join(folder, "livecue.db"), options);
    try {
      await use(parts);
    } finally {
      await parts.store.stop();
    }
  });
}

/** With the live of `openSession`. */
export function openTemporary(path: string, options: Partial<StoreOptions> = {}): TemporaryStore {
  const parts = openAsItIs(path, options);
  addLive(path);
  return parts;
}

export function openAsItIs(path: string, options: Partial<StoreOptions> = {}): TemporaryStore {
  const clock = new FakeClock();
  const told: string[] = [];
  const store = openSqliteStore({ address: path, clock, log: listLog(told), ...options });
  return { store, clock, path, told };
}

/** A store in a file, at once. */
export function openSqliteStore(options: Omit<StoreOptions, "durability"> & Partial<StoreOptions>): Store {
  const whole = { durability: "normal", ...options } as const;
  return new Store(openSqlite(whole), whole);
}

/** The ids that come next, by kind. */
export function nextIdsOf({ ids }: Store): NextIds {
  return {
    live: ids.next("live"),
    session: ids.next("session"),
    event: ids.next("event"),
    item: ids.next("item"),
  };
}

/** The live of `openSession`, where it is not there yet. */
export function addLive(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`INSERT OR IGNORE INTO live (id, source_type, room_id, username, title, started_at)
    VALUES (1, 'demo', '7312345678901234567', 'ana.live', '', 1700000000000)`);
  database.close();
}

/** A config of this folder, with what the test does not care about filled in. */
export function configIn(folder: string, given: Partial<Config> = {}): Config {
  return {
    path: join(folder, "config.jsonc"),
    text: "{}",
    sources: [],
    database: join(folder, "livecue.db"),
    language: "system",
    durability: "normal",
    readings: { rawDays: 7, packedDays: 30, rollupDays: 365 },
    retention: { keepDays: null },
    screen: usualScreen,
    logFile: null,
    warnings: [],
    dataFolder: "/data",
    hosts: [],
    services: [],
    ...given,
  };
}

export function serviceConfig(slug: string, changes: Partial<ServiceConfig> = {}): ServiceConfig {
  return {
    slug,
    name: slug.toUpperCase(),
    serviceClass: `/services/${slug}.ts`,
    configFolder: "/",
    dataFolder: `/data/${slug}`,
    emits: [],
    replicas: [null],
    runsOn: null,
    isActive: true,
    maxQueueSize: 50,
    maxConcurrency: 16,
    prefetch: 1,
    maxAttempts: 1,
    maxCrashes: 3,
    backoffMs: 1000,
    agingMs: null,
    timeoutMs: 30_000,
    wholeTimeoutMs: null,
    staleAfterSeconds: null,
    isolation: "worker",
    maxMemoryMb: 512,
    permissions: { net: false, read: false, write: false, env: false, run: false, sys: false },
    options: {},
    subscriptions: {},
    ...changes,
  };
}

export function openSession(id: number, startedAt = 1_700_000_000_000): Operation {
  return {
    kind: "open_session",
    name: null,
    eventsFrom: 1,
    streamer: "",
    session: {
      id,
      liveId: 1,
      username: "ana.live",
      roomId: "7312345678901234567",
      source: "demo",
      startedAt,
    },
  };
}

/** A new pending item of priority 5; `as` says how else it is stored. */
export function insertItem(
  { id, eventId, serviceId = 1, createdAt = 1_700_000_000_000, as = "pending", count = 1 }: {
    id: number;
    eventId: number;
    serviceId?: number;
    createdAt?: number;
    as?: "pending" | "processing" | "discarded";
    count?: number;
  },
): Operation {
  const row = {
    id,
    serviceId,
    liveEventId: eventId,
    priority: 5,
    isAsync: false,
    isDiscardable: true,
    count,
    createdAt,
  };
  return { kind: "insert_item", row, as };
}

/** A service's pending items as `insertItem` makes them, oldest first. */
export function pendingItems(store: Store, serviceId: number): StoredItem[] {
  return store.pendingOf(serviceId).page({
    priority: 5,
    isDiscardable: true,
    afterId: 0,
    limit: 1_000_000,
  }) ?? [];
}

/** Keeps what it is told, as "level: text". */
export function listLog(told: string[]): Log {
  const tell = (level: string) => (text: string) => void told.push(`${level}: ${text}`);
  const log: Log = {
    debug: tell("debug"),
    info: tell("info"),
    warn: tell("warn"),
    error: tell("error"),
    named: () => log,
  };
  return log;
}
