/**
 * The ceiling: a bare loop over node:sqlite that writes what Livecue writes for an event and two services, in groups of
 * 100: one row of `live_event`, two of `event_queue`, and for each of these the claim and the end. Tables, indexes,
 * pragmas and values are Livecue's own; there is no queue, no worker and no check.
 */
import { join } from "node:path";
import type { CapturedEvent } from "../../src/source.ts";
import { openForWriting } from "../../src/store/sqlite/open.ts";
import type { Durability } from "./livecue.ts";
import { inFolder } from "./livecue.ts";

const groupSize = 100;
const now = 1_700_000_000_000;

const sql = {
  insertEvent:
    `INSERT INTO live_event (id, session_id, room_id, event_type, message_id, is_history, created_at,
      received_at, user_id, user_unique_id, user_nickname, user_avatar_url, user_roles, is_first_of_user, event_data)
    VALUES (?, 1, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
  insertItem:
    `INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable, count,
      created_at, status) VALUES (?, ?, ?, 5, ?, 0, 1, ?, 'pending')`,
  claim: `UPDATE event_queue SET status = 'processing', attempts = 1, started_at = ?
    WHERE id = ? AND status = 'pending'`,
  finish: `UPDATE event_queue SET status = 'completed', finished_at = ?
    WHERE id = ? AND status = 'processing' AND attempts = 1`,
} as const;

/** Events per second. */
export function ceiling(events: readonly CapturedEvent[], durability: Durability): Promise<number> {
  return inFolder((folder) => {
    const database = openForWriting(join(folder, "ceiling.db"), durability);
    database.exec(
      `INSERT INTO service VALUES (1, 'a', 'A', 'a.ts', 50, 1, ''), (2, 'b', 'B', 'b.ts', 50, 1, '');
      INSERT INTO live (id, source_type, room_id, username, title, started_at)
        VALUES (1, 'demo', '1', 'ana', '', ${now});
      INSERT INTO live_session (id, live_id, username, room_id, source, status, started_at)
        VALUES (1, 1, 'ana', '1', 'demo', 'active', ${now})`,
    );
    const [begin, commit] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT")];
    const insertEvent = database.prepare(sql.insertEvent);
    const insertItem = database.prepare(sql.insertItem);
    const claim = database.prepare(sql.claim);
    const finish = database.prepare(sql.finish);
    const startedAt = performance.now();
    for (let first = 0; first < events.length; first += groupSize) {
      begin.run();
      for (let index = first; index < Math.min(first + groupSize, events.length); index++) {
        const { roomId, type, messageId, user, data } = events[index] as CapturedEvent;
        const id = index + 1;
        insertEvent.run(
          id,
          roomId,
          type,
          messageId,
          now,
          now,
          user.id,
          user.uniqueId,
          user.nickname,
          user.avatarUrl,
          JSON.stringify(user.roles),
          JSON.stringify(data),
        );
        const items = [2 * id - 1, 2 * id];
        for (const [service, item] of items.entries()) insertItem.run(item, service + 1, id, service, now);
        for (const item of items) claim.run(now, item);
        for (const item of items) finish.run(now, item);
      }
      commit.run();
    }
    const seconds = (performance.now() - startedAt) / 1000;
    database.close();
    return events.length / seconds;
  });
}

/**
 * The floor for a service that takes one item at a time: a worker answers a message, and the end of one item and the
 * claim of the next are committed before the next message is posted. Items per second.
 */
export function singleFile(count: number, durability: Durability): Promise<number> {
  return inFolder(async (folder) => {
    const database = openForWriting(join(folder, "floor.db"), durability);
    database.exec("CREATE TABLE floor (id INTEGER PRIMARY KEY, status INTEGER)");
    const insert = database.prepare("INSERT INTO floor VALUES (?, 0)");
    database.exec("BEGIN");
    for (let id = 0; id <= count; id++) insert.run(id);
    database.exec("COMMIT");
    const [begin, commit] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT")];
    const update = database.prepare("UPDATE floor SET status = ? WHERE id = ?");
    const code = "onmessage = ({ data }) => postMessage(data);";
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
    const answer = () => new Promise((resolve) => worker.onmessage = resolve);
    let answered = answer();
    worker.postMessage(0);
    await answered;
    const startedAt = performance.now();
    for (let id = 0; id < count; id++) {
      begin.run();
      update.run(2, id);
      update.run(1, id + 1);
      commit.run();
      answered = answer();
      worker.postMessage(id);
      await answered;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    worker.terminate();
    database.close();
    return count / seconds;
  });
}
