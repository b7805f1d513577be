/** A database as a long life leaves it, made in one go by SQL: many events, many pending items, a session cut off. */
import { openForWriting } from "../../src/store/sqlite/open.ts";

export interface LargeOptions {
  path: string;
  /** One live of a day before, and a last quarter of a live that was cut off. */
  eventCount: number;
  /** For service 1, of every class in turn, oldest first; one in a hundred waits for a retry. */
  pendingCount: number;
  /** Whether each event that nothing waits for has an item of service 1 that is completed, with the ids before. */
  hasCompletedItems?: boolean;
  /** When the last event came; one a millisecond before it. */
  now: number;
  /** false: as a Livecue of before wrote it, which did not say from where on streaks may be open. */
  marksStreaks?: boolean;
}

export const largeRoom = "7312345678901234567";
export const largeLiveId = 2;

/** The last session's streaks that are open; their last events are among the last of all. */
export const openStreakCount = 3;

export function makeLargeDatabase(options: LargeOptions): void {
  const { path, eventCount, pendingCount, now, marksStreaks = true, hasCompletedItems = false } = options;
  const database = openForWriting(path, "normal");
  const cutOff = Math.floor(eventCount * 3 / 4);
  database.exec("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000; BEGIN");
  database.exec(`
    INSERT INTO service VALUES (1, 'dino', 'Dino', 'dino.ts', 5000000, 1, '');
    INSERT INTO live (id, source_type, room_id, username, title, started_at, totals, totals_up_to) VALUES
      (1, 'tiktok', '1', 'ana', '', 1, '{"likes":1}', ${cutOff}),
      (2, 'tiktok', '${largeRoom}', 'ana', '', 2, '{"likes":7}', ${eventCount - 50});
    INSERT INTO live_session
        (id, live_id, username, room_id, source, status, started_at, ended_at, events_from, events_to, streaks_from)
      VALUES (1, 1, 'ana', '1', 'main', 'completed', 1, 2, 1, ${cutOff}, NULL),
        (2, 2, 'ana', '${largeRoom}', 'main', 'active', 2, NULL, ${cutOff + 1}, NULL,
          ${marksStreaks ? eventCount - 100 : "NULL"})`);
  const isOpen = `(i > ${eventCount - openStreakCount})`;
  const isStreak = `(i % 4 = 0 OR ${isOpen})`;
  // Of viewers whose ids are in no order, so that an index of them is written all over.
  const isFirst = "(i % 10 = 1)";
  const firstUser = "'new' || (i * 2654435761 % 4294967296)";
  database.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${eventCount})
    INSERT INTO live_event (id, session_id, room_id, event_type, message_id, is_history, created_at, received_at,
        user_id, user_unique_id, user_nickname, user_avatar_url, user_roles, is_first_of_user, event_data,
        streak_id, streak_count, streak_delta, streak_ended)
      SELECT i, iif(i <= ${cutOff}, 1, 2), iif(i <= ${cutOff}, '1', '${largeRoom}'),
        iif(${isStreak}, 'LikeEvent', 'CommentEvent'), 7400000000000000000 + i, 0,
        ${now - eventCount} + i, ${
    now - eventCount
  } + i, iif(${isFirst}, ${firstUser}, 'user' || (i % 50000)), 'ana' || (i % 50000), 'Ana',
        'https://p16/ana.webp', '[]', ${isFirst}, iif(${isStreak}, '{"total":1}', '{"comment":"hello","language":"en","emotes":[]}'),
        iif(${isStreak}, 'streak' || i, NULL), iif(${isStreak}, 1, NULL), iif(${isStreak}, 1, NULL),
        iif(${isStreak}, NOT ${isOpen}, NULL)
      FROM n`);
  const completedCount = hasCompletedItems ? eventCount - pendingCount : 0;
  if (completedCount > 0) {
    database.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${completedCount})
      INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable, status, attempts,
          created_at, started_at, finished_at)
        SELECT i, 1, i, 1 + i % 10, 0, i / 10 % 2, 'completed', 1, ${now - eventCount} + i, ${
      now - eventCount
    } + i,
          ${now - eventCount} + i
        FROM n`);
  }
  database.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${pendingCount})
    INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable, status, created_at,
        not_before)
      SELECT ${completedCount} + i, 1, ${eventCount - pendingCount} + i, 1 + i % 10, 0, i / 10 % 2, 'pending',
        ${now - pendingCount} + i, iif(i % 100 = 0, ${now} + 60000, NULL)
      FROM n`);
  database.exec("COMMIT");
  database.close();
}
