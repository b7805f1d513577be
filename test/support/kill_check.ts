/** Holds a database and the services' diaries against a recording, after kills at any moment. */
import assert from "node:assert/strict";
import { query } from "./livecue.ts";
import { diaryOf, type SceneService, told } from "./kill_scene.ts";

interface ItemRow {
  id: number;
  service: string;
  live_event_id: number;
  event_type: string;
  message_id: string | null;
  event_data: string;
  priority: number;
  is_async: number;
  is_discardable: number;
  status: "pending" | "processing" | "completed" | "failed" | "discarded";
  attempts: number;
  failures: number;
  crashes: number;
  discard_reason: string | null;
}

interface EventRow {
  id: number;
  session_id: number;
  event_type: string;
  message_id: string | null;
  caused_by: number | null;
  streak_id: string | null;
  streak_delta: number | null;
}

const itemsSql = `SELECT item.*, service.slug AS service, event.event_type, event.message_id, event.event_data
  FROM event_queue AS item JOIN service ON service.id = item.service_id
  JOIN live_event AS event ON event.id = item.live_event_id ORDER BY item.id`;

export interface Suffered {
  messageIds: readonly string[];
  services: readonly SceneService[];
  /** Runs that were killed so far. */
  kills: number;
  /** Of the last run. */
  lastEnd: "killed" | "stopped" | "done";
}

/** Throws if something was lost, came twice, or differs from the services' work. Returns the number of rows. */
export function checkAfterKills(folder: string, suffered: Suffered): { events: number; items: number } {
  assert.deepEqual(query(folder, "PRAGMA integrity_check").map((row) => ({ ...row })), [{
    integrity_check: "ok",
  }]);
  assert.deepEqual(query(folder, "PRAGMA foreign_key_check"), []);
  const events = query<EventRow>(folder, "SELECT * FROM live_event ORDER BY id");
  const items = query<ItemRow>(folder, itemsSql);
  checkSessions(folder, events, suffered);
  checkItems(events, items, suffered);
  checkCounts(items, suffered);
  checkEmitted(events, items, suffered);
  for (const service of suffered.services) {
    const lines = readDiary(folder, service.slug);
    checkDiary(lines, items.filter((item) => item.service === service.slug));
    checkOrder(lines, service);
  }
  return { events: events.length, items: items.length };
}

/** Each session holds the recording's messages from the first on, each once, and the last one all. */
function checkSessions(folder: string, events: EventRow[], { messageIds, lastEnd }: Suffered): void {
  const sessions = query<{ id: number; status: string }>(
    folder,
    "SELECT id, status FROM live_session ORDER BY id",
  );
  const bySession = Map.groupBy(
    events.filter(({ caused_by, event_type }) => caused_by === null && event_type !== told),
    ({ session_id }) => session_id,
  );
  for (const { id } of sessions) {
    const stored = (bySession.get(id) ?? []).map(({ message_id }) => message_id);
    assert.deepEqual(
      stored,
      messageIds.slice(0, stored.length),
      `session ${id} has no gap and nothing twice`,
    );
  }
  const last = sessions.at(-1);
  if (lastEnd === "done") assert.equal(bySession.get(last?.id ?? 0)?.length, messageIds.length);
  if (lastEnd !== "killed") assert.deepEqual(sessions.filter(({ status }) => status === "active"), []);
}

/** One item for each event and subscription. */
function checkItems(events: EventRow[], items: ItemRow[], { services, lastEnd }: Suffered): void {
  const lastOfStreak = new Map(
    events.flatMap(({ session_id, streak_id, id }) =>
      streak_id === null ? [] : [[`${session_id} ${streak_id}`, id] as const]
    ),
  );
  const lasts = new Set(lastOfStreak.values());
  for (const { slug, subscriptions } of services) {
    const mine = items.filter(({ service }) => service === slug);
    const isEach = (type: string) => subscriptions[type]?.streaks === "each";
    const each = events.filter((event) => isEach(event.event_type) && (event.streak_delta ?? 1) > 0);
    assert.deepEqual(
      mine.filter((item) => isEach(item.event_type)).map((item) => item.live_event_id).toSorted(ascending),
      each.map(({ id }) => id),
      `${slug} has one item for each event`,
    );
    const final = mine.filter((item) => !isEach(item.event_type)).map((item) => item.live_event_id);
    const ended = events.filter(({ event_type, id }) =>
      subscriptions[event_type]?.streaks === "final" && lasts.has(id)
    );
    const expected = ended.map(({ id }) => id);
    if (lastEnd !== "killed") {
      assert.deepEqual(final.toSorted(ascending), expected, `${slug} has one for each streak`);
    }
    assert.equal(new Set(final).size, final.length, `${slug} has no streak twice`);
    for (const item of mine) {
      const { priority, is_async, is_discardable } = subscriptions[item.event_type]!;
      assert.deepEqual(
        [item.priority, item.is_async, item.is_discardable],
        [priority, Number(is_async), Number(is_discardable)],
      );
    }
  }
}

function checkCounts(items: ItemRow[], { services, kills, lastEnd }: Suffered): void {
  const left = items.filter(({ status }) =>
    status === "processing" || (lastEnd === "done" && status === "pending")
  );
  if (lastEnd !== "killed") assert.deepEqual(left, [], "nothing is in hand after an orderly end");
  for (const service of services) {
    let lateCrashes = 0;
    for (const item of items.filter((item) => item.service === service.slug)) {
      checkItemCounts(item, service);
      // Whatever has crashed once is in hand alone: a death after that costs no more than one other item.
      if (!isDeadly(item, service)) lateCrashes += Math.max(0, item.crashes - 1);
    }
    assert.ok(
      lateCrashes <= kills,
      `${service.slug}: ${lateCrashes} crashes of items that were alone, in ${kills} kills`,
    );
  }
}

function isDeadly({ event_data }: ItemRow, { dies }: SceneService): boolean {
  return dies && JSON.parse(event_data).comment === "die";
}

function checkItemCounts(item: ItemRow, service: SceneService): void {
  const { status, attempts, failures, crashes, discard_reason } = item;
  const fails = JSON.parse(item.event_data).comment === "fail";
  const told = JSON.stringify(item);
  assert.ok(failures + crashes <= attempts, told);
  assert.equal(status === "discarded", discard_reason !== null, told);
  if (!fails) assert.equal(failures, 0, told);
  if (status === "completed") {
    assert.ok(!fails && !isDeadly(item, service) && crashes < service.max_crashes && attempts > 0, told);
  }
  if (status === "failed") {
    assert.ok(failures === service.max_attempts || crashes === service.max_crashes, told);
  } else assert.ok(failures < service.max_attempts && crashes < service.max_crashes, told);
  if (status === "discarded") assert.ok(discard_reason === "evicted" || attempts === 0, told);
  if (discard_reason === "evicted") assert.equal(item.is_discardable, 1, told);
}

/** A completed item has answered once, and no other has; and of what a teller has completed it has told, once. */
function checkEmitted(events: EventRow[], items: ItemRow[], { services }: Suffered): void {
  for (const { slug, answers, tells } of services) {
    const completed = items.filter(({ service, status }) => service === slug && status === "completed");
    for (const [type, answer] of Object.entries(answers)) {
      assert.deepEqual(
        events.filter(({ event_type }) => event_type === answer).map((event) => Number(event.caused_by))
          .toSorted(ascending),
        completed.filter((item) => item.event_type === type).map((item) => item.live_event_id)
          .toSorted(ascending),
        `${slug} has answered each ${type} that it completed, once`,
      );
    }
    if (tells === null) continue;
    const toldOf = events.filter(({ event_type }) => event_type === tells).map((event) =>
      Number(event.message_id)
    );
    assert.equal(new Set(toldOf).size, toldOf.length, `${slug} has told of nothing twice`);
    const untold = completed.filter((item) => !toldOf.includes(item.live_event_id));
    assert.deepEqual(untold, [], `${slug} has told of all that it completed`);
  }
}

interface DiaryLine {
  worker: string;
  what: "begin" | "done" | "failed";
  itemId: number;
  attempt: number;
  isAsync: boolean;
  priority: number;
  eventId: number;
  messageId: string | null;
}

function readDiary(folder: string, slug: string): DiaryLine[] {
  let text = "";
  try {
    text = Deno.readTextFileSync(diaryOf(folder, slug));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return text.split("\n").slice(0, -1).map((line) => {
    const [worker, what, itemId, attempt, kind, priority, eventId, messageId] = line.split(" ");
    return {
      worker: worker!,
      what: what as DiaryLine["what"],
      itemId: Number(itemId),
      attempt: Number(attempt),
      isAsync: kind === "async",
      priority: Number(priority),
      eventId: Number(eventId),
      messageId: messageId === "-" ? null : messageId!,
    };
  });
}

/** Each item that a service has begun with the number of the attempt: "12 1". */
export function begunIn(folder: string, slug: string): Set<string> {
  const begins = readDiary(folder, slug).filter(({ what }) => what === "begin");
  return new Set(begins.map(({ itemId, attempt }) => `${itemId} ${attempt}`));
}

/** What a service did is in the database, and what the database says is done was done. */
function checkDiary(lines: DiaryLine[], items: ItemRow[]): void {
  const rows = new Map(items.map((item) => [item.id, item]));
  const begun = new Set<string>();
  const done = new Map<number, number[]>();
  for (const { what, itemId, attempt, eventId, messageId } of lines) {
    const row = rows.get(itemId);
    assert.ok(row !== undefined, `item ${itemId} was handled and is not stored`);
    assert.ok(row.attempts >= attempt, `item ${itemId} was handled before its hand-out was stored`);
    if (what === "begin") {
      assert.deepEqual([row.live_event_id, row.message_id], [eventId, messageId]);
      assert.ok(!begun.has(`${itemId} ${attempt}`), `item ${itemId} was begun twice in attempt ${attempt}`);
      begun.add(`${itemId} ${attempt}`);
    }
    if (what === "done") done.set(itemId, [...done.get(itemId) ?? [], attempt]);
  }
  for (const { id, status, attempts } of items) {
    if (status === "completed") assert.ok(done.get(id)?.includes(attempts), `item ${id} was never handled`);
  }
}

/** A worker begins what was never handed out before in the order of ids within a priority, and nothing beside a sync item. */
function checkOrder(lines: DiaryLine[], { slug, max_concurrency }: SceneService): void {
  const workers = Map.groupBy(lines, ({ worker }) => worker);
  for (const mine of workers.values()) {
    const lastId = new Map<number, number>();
    const running = new Map<number, DiaryLine>();
    for (const line of mine) {
      const { what, itemId, attempt, isAsync, priority } = line;
      if (what !== "begin") {
        running.delete(itemId);
        continue;
      }
      const beside = [...running.values()];
      assert.ok(beside.every((other) => other.isAsync), `${slug}: item ${itemId} began beside a sync one`);
      if (isAsync) {
        assert.ok(beside.length < max_concurrency, `${slug}: item ${itemId} began beside too many`);
      }
      running.set(itemId, line);
      if (attempt > 1) continue;
      assert.ok(itemId > (lastId.get(priority) ?? 0), `${slug}: item ${itemId} began after a newer one`);
      lastId.set(priority, itemId);
    }
  }
}

const ascending = (a: number, b: number) => a - b;
