/** PostgreSQL answers each question as SQLite does, about the same rows. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Lives } from "../../src/store/lives.ts";
import { KeptValues } from "../../src/store/kept_values.ts";
import { nextIdsIn } from "../../src/store/next_ids.ts";
import { countPending, pendingIds, pendingPage } from "../../src/store/pending_rows.ts";
import { PostgresQuery } from "../../src/store/postgres/query.ts";
import type { Query } from "../../src/store/query.ts";
import { Reader } from "../../src/store/reader.ts";
import { itemsInProgress, planRecovery } from "../../src/store/recovery.ts";
import { lastSessionId, readReport } from "../../src/store/report.ts";
import { ViewerStandings } from "../../src/store/viewer_standings.ts";
import { openSqliteReader } from "../../src/store/sqlite/reading.ts";
import { staleBefore } from "../../src/store/stale.ts";
import { makeLargeDatabase } from "../support/large_database.ts";
import { makeLargeHistory } from "../support/large_history.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { copyToPostgres } from "../support/postgres_copy.ts";
import { withFolder } from "../support/temporary_store.ts";

const now = 1_700_000_000_000;

/** What is asked, by a name. */
type Questions = Record<string, (query: Query, reader: Reader) => unknown>;

/** Asks both, and compares. */
function compare(questions: Questions, [sqlite, postgres]: readonly [Query, Query]): void {
  for (const [name, ask] of Object.entries(questions)) {
    // A copy, because some of SQLite's rows have no prototype.
    const expected = structuredClone(ask(sqlite, new Reader(sqlite)));
    assert.deepEqual(ask(postgres, new Reader(postgres)), expected, name);
    assert.ok(!Array.isArray(expected) || expected.length > 0, `${name}: nothing was found`);
  }
}

const ofHistory: Questions = {
  uncounted: (_, { viewers }) => viewers.uncounted(),
  "all viewers": (_, { viewers }) => viewers.list({ limit: 50 }),
  "viewers by name": (_, { viewers }) => viewers.list({ limit: 50, text: "ána 🦄 1" }),
  "viewers by an earlier name": (_, { viewers }) => viewers.list({ limit: 50, text: "r 1975" }),
  "a viewer by handle": (_, { viewers }) => viewers.find("@VIEWER100"),
  "a viewer by name": (_, { viewers }) => viewers.find("ana 🦄 102"),
  "a viewer by id": (_, { viewers }) => viewers.find("6800000000000000100"),
  "lives of a viewer": (_, { viewers }) => viewers.livesOf(viewers.find("viewer100")[0]!, 10),
  "names of a viewer": (_, { viewers }) => viewers.namesOf(viewers.find("viewer100")[0]!),
  "comments of a viewer": (_, { viewers }) =>
    viewers.list({ limit: 200 }).flatMap((viewer) => viewers.commentsOf(viewer, 10)),
  "numbers of a viewer": (_, { viewers }) => viewers.numbersIn(3, "6800000000000000100"),
  "standings of viewers": (query) => {
    const viewer = { platform: "tiktok", userId: "6800000000000000100" };
    const asked = [{ ...viewer, liveId: 3 }, { ...viewer, userId: 'a "\0\ud800', liveId: 3 }, {
      ...viewer,
      liveId: 2,
    }];
    return new ViewerStandings(query, null).now(asked);
  },
  "what events add to viewers": (_, { viewers }) => viewers.changesAfter({ after: 100, limit: 500 }).changes,
  "past sessions": (_, reader) => reader.pastSessions({ first: 2, limit: 5 }).lines,
  "their sums": (_, reader) => reader.sessionSums([1, 2, 30]),
  "gifts of a session": (_, reader) => reader.sessionGifts(30),
  report: (query) => readReport(query, 30),
  "last session": lastSessionId,
  search: (_, reader) => reader.events({ text: "qué tal? 2", limit: 300 }).map(({ id }) => id),
  "search from a place": (_, reader) =>
    reader.events({ text: "ANA", limit: 700, after: 50 }).map(({ id }) => id),
  "search in a session": (_, reader) =>
    reader.events({ sessionId: 3, text: "qué tal", wanted: "ana", limit: 9 }),
  "search in lives": (_, reader) =>
    reader.events({ liveIds: [2, 3, 4], source: "main", text: "ána", limit: 200 }),
  "count of a search": (_, reader) => reader.countEvents({ text: "QUE", after: 0, upTo: 1e9 }),
  "types that are left out": (_, reader) =>
    reader.events({ types: { types: ["LikeEvent", "GiftEvent"], isAllBut: true }, limit: 50 }),
  "streaks once": (_, reader) => reader.events({ isStreakOnce: true, type: "GiftEvent", limit: 50 }),
  "next ids": nextIdsIn,
  "events after the totals": (query) => [...new Lives(query, "").eventsAfter(30, 3500)],
  "recent messages": (query) => [...new Lives(query, "").recentMessages(30, 500, Date.UTC(2024, 0, 30))],
  "first of a viewer": (query) =>
    [1, 2, 3].map((id) => new Lives(query, "").firstOf(id, "6800000000000000100", "CommentEvent")),
};

testWithPostgres("PostgreSQL answers about years of lives as SQLite does", async (server) => {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    await makeLargeHistory({ path, viewers: 2_000, sessions: 30, events: 100 });
    const { query, close } = openSqliteReader(path);
    const postgres = await PostgresQuery.open(await copyToPostgres(server, path));
    compare(ofHistory, [query, postgres]);
    postgres.close();
    close();
  });
});

const bound = { serviceId: 1, fromId: 1, beforeId: 1e9 };
const pendingClass = { priority: 5, isDiscardable: true, afterId: 0, limit: 300 };
const ofQueue: Questions = {
  "counts of pending items": (query) => countPending(query, bound),
  "counts up to a limit": (query) => countPending(query, bound, 10),
  "ids of pending items": (query) => pendingIds(query, 1, { ...pendingClass, beforeId: 1e9 }),
  "pending items": (query) =>
    pendingPage(query, 1, { ...pendingClass, leaving: new Set([3]), onBroken: () => assert.fail() }),
  "items in progress": (query) => itemsInProgress(query, { streamer: "" })?.sort((a, b) => a.id - b.id),
  "a recovery": (query) =>
    planRecovery(query, {
      now,
      maxCrashesOf: () => 2,
      inProgress: itemsInProgress(query, { streamer: "" })!,
      streamer: "",
    }),
  "stale items": (query) => staleBefore(query, now - 1000, { serviceId: 1, beforeId: 1e9 }),
  queue: (_, reader) => reader.queue({ limit: 50 }),
  "queue by status": (_, reader) => reader.queue({ limit: 50, status: "pending", serviceSlug: "dino" }),
  "counts of items": (_, reader) => reader.itemCounts(),
  "count of items": (_, reader) => reader.countItems({ serviceSlug: "dino", status: "pending" }),
  "items of an event": (_, reader) => reader.itemsOf(reader.queue({ limit: 1 })[0]!.event.id),
  services: (_, reader) => reader.services(),
  sessions: (_, reader) => reader.sessions({ limit: 9 }),
  "work of a session": (_, reader) => reader.sessionWork(1),
  state: (query) => new KeptValues(query).count(1, { sessionId: null, liveId: null }, 5),
};

testWithPostgres("PostgreSQL answers about queues as SQLite does", async (server) => {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    makeLargeDatabase({ path, eventCount: 2_000, pendingCount: 500, now, hasCompletedItems: true });
    using database = new DatabaseSync(path);
    database.exec(`UPDATE event_queue SET status = 'processing', attempts = 1
      WHERE status = 'pending' AND id % 50 = 0`);
    const { query, close } = openSqliteReader(path);
    const postgres = await PostgresQuery.open(await copyToPostgres(server, path));
    compare(ofQueue, [query, postgres]);
    postgres.close();
    close();
  });
});
