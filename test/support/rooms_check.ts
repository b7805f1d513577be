/** Holds a database against what was sent to two rooms and a payment page. */
import assert from "node:assert/strict";
import { noTotals } from "../../src/live.ts";
import { query } from "./livecue.ts";
import { countSent, type Payment, type SceneRoom, type SentRoom } from "./rooms_scene.ts";

interface EventRow {
  id: number;
  live_id: number;
  source: string;
  home: string;
  room_id: string;
  message_id: string | null;
  event_type: string;
  user_id: string | null;
  is_first_of_user: number;
  is_test: number;
  is_foreign: number;
  is_history: number;
  streak_id: string | null;
  streak_count: number | null;
  streak_delta: number | null;
}

const eventsSql = `SELECT event.*, session.live_id, session.source, live.room_id AS home
  FROM live_event AS event JOIN live_session AS session ON session.id = event.session_id
  JOIN live ON live.id = session.live_id ORDER BY event.id`;

/** Throws if something was lost, came twice, or is in the wrong live. `sources` by their names in the config. */
export function checkRooms(
  folder: string,
  sources: Record<string, SceneRoom>,
  payments: readonly Payment[],
): void {
  const events = query<EventRow>(folder, eventsSql);
  for (const [source, { rooms }] of Object.entries(sources)) {
    for (const room of rooms) checkRoom(folder, events, { source, room });
  }
  checkPayments(events, payments, sources.main!.rooms);
  checkFirsts(events);
  checkStreaks(events);
  checkRows(folder);
}

function checkRoom(
  folder: string,
  events: EventRow[],
  { source, room }: { source: string; room: SentRoom },
): void {
  const stored = events.filter((event) => event.home === room.roomId && event.source === source);
  const ids = stored.flatMap(({ message_id }) => message_id ?? []);
  assert.deepEqual(ids.toSorted(), room.messages.map(({ messageId }) => messageId).toSorted(), source);
  for (const event of stored) assert.equal(event.is_foreign, event.room_id === room.roomId ? 0 : 1);
  const expected = countSent(room);
  const [live, ...others] = query(folder, "SELECT * FROM live WHERE room_id = ?", room.roomId);
  assert.deepEqual(others, []);
  const totals = live === undefined ? noTotals() : JSON.parse(String(live.totals));
  assert.deepEqual(totals, expected, `the sums of ${source} in ${room.roomId}`);
  const [given] = query(
    folder,
    "SELECT coalesce(sum(diamonds), 0) AS diamonds, coalesce(sum(gifts), 0) AS gifts FROM live_giver WHERE live_id = ?",
    Number(live?.id ?? 0),
  );
  assert.deepEqual({ ...given }, { diamonds: expected.diamonds, gifts: expected.gifts });
}

function checkPayments(events: EventRow[], payments: readonly Payment[], rooms: SentRoom[]): void {
  const stored = events.filter(({ source }) => source === "tips");
  const ids = stored.map(({ message_id, is_test }) => `${message_id} ${is_test}`);
  assert.deepEqual(
    ids.toSorted(),
    payments.map(({ id, isTest }) => `kofi:${id} ${isTest ? 1 : 0}`).toSorted(),
    "each payment once",
  );
  const ofMain = new Set(rooms.map(({ roomId }) => roomId));
  assert.deepEqual(stored.filter(({ home }) => !ofMain.has(home)), [], "payments are in the lives of main");
}

/** The first event of a viewer's of its type is marked in each live, with the rest of its streak, and no other. */
function checkFirsts(events: EventRow[]): void {
  const firsts = new Map<string, string>();
  const wrong = events.filter((event) => {
    const { id, live_id, event_type, user_id, is_test, is_foreign, streak_id } = event;
    const mine = streak_id ?? String(id);
    const key = `${live_id} ${event_type} ${user_id}`;
    const counts = user_id !== null && user_id !== "" && is_test === 0 && is_foreign === 0;
    if (counts && !firsts.has(key)) firsts.set(key, mine);
    return event.is_first_of_user !== (counts && firsts.get(key) === mine ? 1 : 0);
  });
  assert.deepEqual(wrong, [], "first times");
}

function checkStreaks(events: EventRow[]): void {
  const sums = new Map<string, { sum: number; highest: number }>();
  for (const { streak_id, streak_delta, streak_count } of events) {
    if (streak_id === null) continue;
    const { sum, highest } = sums.get(streak_id) ?? { sum: 0, highest: 0 };
    sums.set(streak_id, { sum: sum + streak_delta!, highest: Math.max(highest, streak_count!) });
  }
  const wrong = [...sums].filter(([, { sum, highest }]) => sum !== highest);
  assert.deepEqual(wrong, [], "each streak adds up to its highest count");
}

function checkRows(folder: string): void {
  const count = (sql: string) => query(folder, sql)[0]!.count;
  assert.equal(count("SELECT count(*) AS count FROM live_session WHERE status = 'active'"), 0);
  assert.equal(
    count("SELECT count(*) AS count FROM live WHERE id NOT IN (SELECT live_id FROM live_session)"),
    0,
  );
  assert.equal(count("SELECT count(*) AS count FROM event_queue WHERE status <> 'completed'"), 0);
  assert.deepEqual(
    query(
      folder,
      "SELECT live_event_id FROM event_queue GROUP BY live_event_id, service_id HAVING count(*) > 1",
    ),
    [],
  );
  assert.equal(
    count(`SELECT count(*) AS count FROM live_event WHERE is_history = 0 AND coalesce(streak_delta, 1) > 0
      AND id NOT IN (SELECT live_event_id FROM event_queue)`),
    0,
  );
  assert.deepEqual(query(folder, "PRAGMA foreign_key_check"), []);
  assert.deepEqual(query(folder, "PRAGMA integrity_check").map((row) => ({ ...row })), [
    { integrity_check: "ok" },
  ]);
}
