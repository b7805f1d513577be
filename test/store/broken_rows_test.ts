/** Each column of each table, spoilt in each way: nothing that reads it stops, and all else goes on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { exportLines } from "../../src/capture/replay/exported.ts";
import { describeEvent } from "../../src/describe.ts";
import { checkDatabase } from "../../src/store/sqlite/check.ts";
import type { Store } from "../../src/store/store.ts";
import { repairDatabase } from "../../src/store/sqlite/repair.ts";
import { allClasses } from "../../src/store/pending_rows.ts";
import { applicationId } from "../../src/store/sqlite/migrations.ts";
import { latestVersion } from "../../src/store/sqlite/schema.ts";
import { rulesOf, type TableName, tableNames } from "../../src/store/row_rules.ts";
import { sampleEvent } from "../support/stored_events.ts";
import {
  insertItem,
  nextIdsOf,
  openAsItIs,
  openSession,
  openTemporary,
  serviceConfig,
  withFolder,
} from "../support/temporary_store.ts";

/** SQL for what no column of Livecue's holds, or hardly one. */
const spoils = [
  "x'00ff41'",
  "NULL",
  "-1",
  "9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "1.5",
  "'{\"broken'",
  "'[]'",
  "CAST(x'eda08041ff' AS TEXT)",
];

/** A text that is too long to be read. */
const tooLong = "printf('%.*c', 17000000, 'x')";

const events = 40;
const services = [serviceConfig("dummy")];

async function makeDatabase(path: string): Promise<void> {
  const { store } = openTemporary(path);
  await store.syncServices([serviceConfig("dummy", {
    subscriptions: {
      GiftEvent: { isEnabled: true, priority: 5, isAsync: false, isDiscardable: true, streaks: "each" },
    },
  })]);
  const { writer } = store;
  writer.add(openSession(1));
  for (let id = 1; id <= events; id += 1) {
    const streak = { id: `s${id}`, count: 1, delta: 1, hasEnded: id % 2 === 0 };
    const event = id % 3 === 0
      ? sampleEvent({ id, messageId: `m${id}` })
      : sampleEvent({ id, messageId: `m${id}`, type: "LikeEvent", data: { total: id }, streak });
    writer.add({ kind: "insert_event", event });
    writer.add(insertItem({ id, eventId: id, as: id === 40 ? "processing" : "pending" }));
  }
  const giver = { userId: "7", uniqueId: "ana", nickname: "Ana", diamonds: 5, gifts: 1 };
  writer.add({ kind: "add_giver", liveId: 1, giver });
  writer.add({
    kind: "add_gift",
    gift: { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" },
    count: 5,
    at: 1_700_000_000_000,
  });
  writer.add({ kind: "add_known_id", owner: "source:x", id: "known", at: 1_700_000_000_000 });
  writer.add({
    kind: "set_state",
    serviceId: 1,
    sessionId: null,
    liveId: null,
    key: "best",
    value: { a: 7 },
  });
  writer.add({ kind: "set_config", key: "user", value: "ana" });
  writer.add({ kind: "save_totals", liveId: 1, upTo: 20, totals: store.liveTotals(1).totals });
  writer.add({ kind: "update_shed", id: 1, shed: { JoinEvent: 3 } });
  await writer.flush();
  await store.stop();
  loosen(path);
}

/** Makes the same anew without what would refuse such values, as a hostile or careless program may. */
function loosen(path: string): void {
  Deno.renameSync(path, `${path}.strict`);
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec(`ATTACH '${path}.strict' AS strict; PRAGMA application_id = ${applicationId}`);
  const parts = database.prepare("SELECT type, name, sql FROM strict.sqlite_schema WHERE sql IS NOT NULL")
    .all();
  for (const { type, name, sql } of parts) {
    database.exec(loose(String(sql)));
    if (type === "table") database.exec(`INSERT INTO main.${name} SELECT * FROM strict.${name}`);
  }
  database.exec(`PRAGMA user_version = ${latestVersion}; DETACH strict; PRAGMA journal_mode = WAL`);
  database.close();
}

function loose(sql: string): string {
  return sql.replaceAll(/(?<!IS )NOT NULL/g, "").replace(") STRICT, WITHOUT", ") WITHOUT").replace(
    /\) STRICT$/,
    ")",
  )
    .replace(/\b(?:TEXT|INTEGER)\b(?! PRIMARY)/g, "");
}

/** Spoils the column in one row, or in as many as there are ways. Returns how many rows it changed. */
function spoil(path: string, table: TableName, column: string, ways: readonly string[]): number {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec("PRAGMA ignore_check_constraints = ON; BEGIN");
  const key = rulesOf(table).key[0]!;
  const keys = database.prepare(`SELECT "${key}" AS key FROM ${table} ORDER BY 1 LIMIT ${ways.length}`).all();
  let changed = 0;
  for (const [index, way] of ways.entries()) {
    const name = keys[index]?.key;
    if (name === undefined) break;
    try {
      database.prepare(`UPDATE ${table} SET "${column}" = ${way} WHERE "${key}" = ?`).run(name as number);
      changed += 1;
    } catch { /* SQLite itself refuses it there, as text for a row's number. */ }
  }
  database.exec("COMMIT");
  database.close();
  return changed;
}

/** All that starts, runs and looks into it. Returns the ids of the items that may be acted on. */
async function goThrough(path: string): Promise<number[]> {
  const { store } = openAsItIs(path);
  try {
    const serviceId = (await store.syncServices(services)).get("dummy")!;
    const report = await store.recover(1_700_000_100_000);
    await store.discardStale({ now: 1_700_000_100_000, all: false });
    store.abortSessions(report);
    const queue = store.pendingOf(serviceId);
    await queue.counts();
    const items = allClasses.flatMap((itemClass) =>
      queue.page({ ...itemClass, afterId: 0, limit: 1_000 }) ?? []
    );
    remember(store, serviceId);
    look(store);
    await write(store, serviceId);
    return items.map(({ id }) => id);
  } finally {
    await store.stop();
  }
}

async function write(store: Store, serviceId: number): Promise<void> {
  const { live, session, event, item } = nextIdsOf(store);
  assert.ok([live, session, event, item].every((id) => Number.isSafeInteger(id) && id > 0));
  const { writer } = store;
  writer.add({
    kind: "open_live",
    streamer: "",
    live: { id: live, sourceType: "demo", roomId: "", username: "", title: "", startedAt: 5 },
  });
  writer.add({
    kind: "open_session",
    name: null,
    eventsFrom: event,
    streamer: "",
    session: { id: session, liveId: live, username: "", roomId: "", source: "demo", startedAt: 5 },
  });
  writer.add({ kind: "insert_event", event: sampleEvent({ id: event, sessionId: session }) });
  writer.add(insertItem({ id: item, eventId: event, serviceId }));
  const giver = { userId: "7", uniqueId: "ana", nickname: "Ana", diamonds: 5, gifts: 1 };
  writer.add({ kind: "add_giver", liveId: 1, giver });
  writer.add({ kind: "set_state", serviceId, sessionId: null, liveId: null, key: "best", value: 8 });
  writer.add({
    kind: "close_session",
    id: session,
    status: "completed",
    endedAt: 6,
    reason: "Over.",
    eventsTo: 1_000_000,
  });
  await writer.flush();
}

function remember(store: Store, serviceId: number): void {
  const owner = { sessionId: null, liveId: null };
  store.kept.value(serviceId, owner, "best");
  store.configValue("user");
  store.knownIdAt("source:x", "known");
  store.live(1);
  store.liveOfRoom("demo", "7312345678901234567");
  store.lastLiveOf("demo", 0);
  store.session(1);
  const { totals, upTo } = store.liveTotals(1);
  assert.ok(Object.values(totals).every(Number.isFinite));
  assert.ok(Number.isSafeInteger(upTo));
  for (const event of store.eventsAfter(1, 0)) assert.ok(describeEvent(event) !== "");
  for (const { messageId } of store.recentMessages(1, 100)) {
    assert.ok(messageId === null || typeof messageId === "string");
  }
  store.firstOf(1, "7", "GiftEvent");
  assert.ok(store.top(1, 10).every(({ nickname }) => nickname.normalize() === nickname));
}

function look({ reader }: Store): void {
  for (const session of reader.sessions({ limit: 100 })) {
    for (const line of exportLines(session, reader.exportSession(session.id))) JSON.parse(line);
    reader.events({ sessionId: session.id, limit: 100 });
  }
  const found = [
    reader.events({ limit: 100 }),
    reader.events({ limit: 100, text: "ana" }),
    reader.events({ limit: 100, text: "naïve 🦄" }),
    reader.events({ limit: 100, type: "LikeEvent", liveIds: [1], source: "demo" }),
  ].flat();
  for (const event of found) assert.ok(describeEvent(event) !== "");
  for (const status of ["pending", "processing", "completed", "failed", "discarded"] as const) {
    reader.queue({ limit: 100, serviceSlug: "dummy", status });
    reader.countItems({ serviceSlug: "dummy", status });
  }
  for (let id = 1; id <= events; id += 1) {
    reader.event(id);
    reader.item(id);
    reader.itemsOf(id);
  }
  reader.endedItems({ serviceSlug: "dummy", status: "failed", before: 100, limit: 100 });
  reader.services();
  reader.itemCounts();
  reader.pendingCounts({ serviceId: 1, fromId: 0, beforeId: 100 });
}

/** Items whose rows and events were not touched. */
const untouched = Array.from({ length: events - spoils.length }, (_, index) => index + spoils.length + 1);

for (const table of tableNames) {
  Deno.test(`Whatever stands in a column of ${table}: it starts, runs, looks and exports, and all else goes on`, async () => {
    await withFolder(async (folder) => {
      const whole = join(folder, "whole.db");
      await makeDatabase(whole);
      const isLarge = table === "live_event" || table === "event_queue";
      let number = 0;
      for (const column of Object.keys(rulesOf(table).columns)) {
        // One row: each way in a database of its own, two of them for each column.
        const ways = isLarge
          ? [spoils]
          : spoils.filter((_, index) => index % 5 === number % 5).map((way) => [way]);
        for (const way of ways) {
          const path = join(folder, `${number += 1}.db`);
          Deno.copyFileSync(whole, path);
          if (spoil(path, table, column, way) === 0) continue;
          const name = `${table}.${column} = ${isLarge ? "…" : way}`;
          await assertGoesOn(path, name, isLarge);
        }
      }
    });
  });
}

async function assertGoesOn(path: string, name: string, isLarge: boolean): Promise<void> {
  try {
    const acted = await goThrough(path);
    if (isLarge) assert.deepEqual(untouched.filter((id) => !acted.includes(id)), [], name);
  } catch (error) {
    throw new Error(name, { cause: error });
  }
}

Deno.test("A text of 17 MB in a row is not read, and stops nothing", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    spoil(path, "live_event", "event_data", [tooLong]);
    spoil(path, "live_event", "user_nickname", ["'Ana'", tooLong]);
    spoil(path, "event_queue", "error", [tooLong]);
    spoil(path, "service_state", "value", [tooLong]);
    const acted = await goThrough(path);
    assert.deepEqual(untouched.filter((id) => !acted.includes(id)), []);
    assert.ok(!acted.includes(1), "the event that cannot be read is set aside");
    assert.match(
      checkDatabase(path).faults.join("\n"),
      /live_event, row 1: event_data is not a JSON object, or is too long\./,
    );
  });
});

Deno.test("What is spoilt is found by check with its table, row and column, and gone after a repair, which starts", async () => {
  await withFolder(async (folder) => {
    const whole = join(folder, "whole.db");
    await makeDatabase(whole);
    let number = 0;
    for (const table of tableNames) {
      for (const column of Object.keys(rulesOf(table).columns)) {
        const path = join(folder, `${number += 1}.db`);
        Deno.copyFileSync(whole, path);
        if (spoil(path, table, column, ["x'00ff41'"]) === 0) continue;
        const { faults } = checkDatabase(path);
        assert.ok(
          faults.some((fault) => fault.startsWith(`${table}, row `) && fault.includes(` ${column} is not `)),
          `${table}.${column}: ${faults.join("\n")}`,
        );
        if (number % 10 !== 0) continue;
        const copy = join(folder, `${number}-new.db`);
        assert.deepEqual(repairDatabase(path, copy).faults, [], `${table}.${column}`);
        await goThrough(copy);
      }
    }
  });
});

Deno.test("An item whose event cannot be read, or is gone, is set aside as failed, told, and holds up nobody", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    spoil(path, "live_event", "event_data", ["'{\"broken'", "NULL", '\'{"total":"many"}\'']);
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    database.exec("DELETE FROM live_event WHERE id BETWEEN 4 AND 20");
    database.close();
    const { store, told } = openTemporary(path);
    const serviceId = (await store.syncServices(services)).get("dummy")!;
    const page = store.pendingOf(serviceId).page({ priority: 5, isDiscardable: true, afterId: 0, limit: 3 });
    assert.deepEqual(page?.map(({ id }) => id), [21, 22, 23]);
    await store.writer.flush();
    const item = store.reader.queue({ limit: 100, status: "failed" });
    assert.equal(item.length, 3, "those whose event is there are listed");
    assert.equal(item[0]?.error, "Event 3 cannot be read: its row is broken or missing.");
    assert.equal(told.length, 11);
    assert.match(
      told[0]!,
      /Item 1 of dummy has failed, because event 1 \(table live_event\) cannot be read\..*"check"/,
    );
    assert.match(told[10]!, /More items have failed for the same reason/);
    await store.stop();
  });
});
